"""The dashboards on real data: values, the preview page, and the browser that shows it."""
