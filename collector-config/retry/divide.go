package retry

import "google.golang.org/protobuf/encoding/protowire"

// Where the parts of an OTLP request are, for traces, metrics and logs alike: it holds what comes from each resource,
// which holds what comes from each scope, which holds spans, metrics or records.
var nesting = []protowire.Number{1, 2, 2}

// halves divides a batch in two, by resource, by scope or by item, so that what is good of it need not stay with what
// is bad. A single item, and what is not OTLP's protobuf as it is, stay whole.
func (b *batch) halves() [][]byte {
	if b.Headers["Content-Encoding"] != "" {
		return nil
	}
	if kind, ok := b.Headers["Content-Type"]; ok && kind != "application/x-protobuf" {
		return nil
	}
	return divide(b.Body, nesting)
}

// divide gives the parts of a message to two messages that are else alike. If it has one part only, that is divided.
func divide(message []byte, nesting []protowire.Number) [][]byte {
	if len(nesting) == 0 {
		return nil
	}
	var common []byte
	var parts [][]byte
	for rest := message; len(rest) > 0; {
		number, kind, tag := protowire.ConsumeTag(rest)
		if tag < 0 {
			return nil
		}
		value := protowire.ConsumeFieldValue(number, kind, rest[tag:])
		if value < 0 {
			return nil
		}
		length := tag + value
		if number == nesting[0] && kind == protowire.BytesType {
			part, _ := protowire.ConsumeBytes(rest[tag:])
			parts = append(parts, part)
		} else {
			common = append(common, rest[:length]...)
		}
		rest = rest[length:]
	}
	compose := func(parts [][]byte) []byte {
		made := append([]byte{}, common...)
		for _, part := range parts {
			made = protowire.AppendTag(made, nesting[0], protowire.BytesType)
			made = protowire.AppendBytes(made, part)
		}
		return made
	}
	if len(parts) > 1 {
		half := len(parts) / 2
		return [][]byte{compose(parts[:half]), compose(parts[half:])}
	}
	var found [][]byte
	if len(parts) == 1 {
		for _, half := range divide(parts[0], nesting[1:]) {
			found = append(found, compose([][]byte{half}))
		}
	}
	return found
}
