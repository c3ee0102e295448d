package scrub

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// names replaces the names of spans that nobody knows or that tell something.
type names struct {
	declared  map[string]struct{}
	shapes    expressions
	vouchedBy []string
	vouched   expressions
	harmless  expressions
	telling   expressions
	otherwise string
	neutral   neutral

	shaped    *memory // names that pass
	vouchable *memory // names that pass where an attribute vouches for them
}

func newNames(cfg *SpanNames, neutral neutral) (*names, error) {
	n := &names{
		declared:  setOf(cfg.Declared),
		vouchedBy: cfg.VouchedBy,
		otherwise: cfg.Otherwise,
		neutral:   neutral,
		shaped:    newMemory(),
		vouchable: newMemory(),
	}
	for _, part := range []struct {
		setting  string
		patterns []string
		into     *expressions
	}{
		{"span_names.shapes", cfg.Shapes, &n.shapes},
		{"span_names.vouched_shape", []string{cfg.VouchedShape}, &n.vouched},
		{"span_names.harmless", []string{cfg.Harmless}, &n.harmless},
		{"span_names.telling", []string{cfg.Telling}, &n.telling},
	} {
		compiled, err := compile(part.setting, part.patterns...)
		if err != nil {
			return nil, err
		}
		*part.into = compiled
	}
	return n, nil
}

// hold replaces the name of a span if it may not leave.
func (n *names) hold(span ptrace.Span) {
	sent := span.Name()
	name := n.neutral.whole(sent)
	if !n.passes(name, span.Attributes()) {
		name = n.otherwise
	}
	if name != sent {
		span.SetName(name)
	}
}

func (n *names) passes(name string, attributes pcommon.Map) bool {
	if _, declared := n.declared[name]; declared || n.shaped.has(name) {
		return true
	}
	if n.vouchable.has(name) {
		return n.isVouched(name, attributes)
	}
	shaped := n.shapes.find(name)
	if !shaped && !(n.isVouched(name, attributes) && n.vouched.find(name)) {
		return false
	}
	if !n.harmless.find(name) && n.telling.find(name) {
		return false
	}
	if shaped {
		n.shaped.keep(name)
	} else {
		n.vouchable.keep(name)
	}
	return true
}

// isVouched says whether an attribute has this name as its value: a journey or step that another service has declared.
func (n *names) isVouched(name string, attributes pcommon.Map) bool {
	for _, key := range n.vouchedBy {
		value, found := attributes.Get(key)
		if found && value.Type() == pcommon.ValueTypeStr && n.neutral.within(value.Str()) == name {
			return true
		}
	}
	return false
}
