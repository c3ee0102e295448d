"""One call makes a service of the SMS portal observable."""
