package scrub

import "go.opentelemetry.io/collector/pdata/pcommon"

// mask stands in place of what a blocked expression finds: the same as redaction/public writes.
const mask = "****"

// values deletes keys that are not allowed and masks values that tell something.
type values struct {
	keys    map[string]struct{}
	allowed expressions
	blocked expressions
	neutral neutral
	seen    *memory
	drop    func(string, pcommon.Value) bool
}

func newValues(cfg *Config, neutral neutral) (*values, error) {
	allowed, err := compile("allowed_values", cfg.AllowedValues...)
	if err != nil {
		return nil, err
	}
	blocked, err := compile("blocked_values", cfg.BlockedValues...)
	if err != nil {
		return nil, err
	}
	v := &values{
		keys: setOf(cfg.AllowedKeys), allowed: allowed, blocked: blocked, neutral: neutral, seen: newMemory(),
	}
	v.drop = v.holdOrDrop // made once: a method value made for each map would be garbage for each map
	return v, nil
}

// holdAll holds a map to the settings.
func (v *values) holdAll(attributes pcommon.Map) {
	attributes.RemoveIf(v.drop)
}

// holdBody holds the body of a log record to the settings: the keys of a map, and any other value.
func (v *values) holdBody(body pcommon.Value) {
	if body.Type() == pcommon.ValueTypeMap {
		v.holdAll(body.Map())
		return
	}
	v.hold(body)
}

func (v *values) holdOrDrop(key string, value pcommon.Value) bool {
	if _, allowed := v.keys[key]; !allowed {
		return true
	}
	v.hold(value)
	return false
}

// hold looks at every value as a text: a number or a list can tell as much as a word. What is left of lists and maps
// here (transform/public has made them flat) is masked as a whole.
func (v *values) hold(value pcommon.Value) {
	text := value.AsString()
	if v.seen.has(text) {
		return
	}
	held := v.verdict(text)
	if held == text {
		v.seen.keep(text)
		return
	}
	value.SetStr(held)
}

// verdict gives what may leave of a text.
func (v *values) verdict(text string) string {
	text = v.neutral.within(text)
	if v.allowed.find(text) {
		return text
	}
	for _, expression := range v.blocked {
		if expression.MatchString(text) {
			text = expression.ReplaceAllLiteralString(text, mask)
		}
	}
	return text
}
