package scrub

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Config is what may pass. All of it is rendered from the catalogue.
type Config struct {
	// NeutralNames are internal steps and the names under which they leave; longer ones first.
	NeutralNames []NeutralName `mapstructure:"neutral_names"`
	SpanNames    SpanNames     `mapstructure:"span_names"`
	// AllowedKeys are the keys that stay; all others go, with their values.
	AllowedKeys []string `mapstructure:"allowed_keys"`
	// AllowedValues are expressions; a value that one of them finds something in stays as it is.
	AllowedValues []string `mapstructure:"allowed_values"`
	// BlockedValues are expressions; in any other value, what they find is masked.
	BlockedValues []string `mapstructure:"blocked_values"`
}

// NeutralName is the name of an internal step with the one that replaces it.
type NeutralName struct {
	Hidden string `mapstructure:"hidden"`
	Shown  string `mapstructure:"shown"`
}

// SpanNames says which names of spans stay: declared ones, and those of a known shape, or vouched for, that are
// harmless or at least not telling.
type SpanNames struct {
	Declared []string `mapstructure:"declared"`
	Shapes   []string `mapstructure:"shapes"`
	// VouchedBy are the attributes that vouch for a name by having it as their value.
	VouchedBy []string `mapstructure:"vouched_by"`
	// VouchedShape is what a name must look like for that.
	VouchedShape string `mapstructure:"vouched_shape"`
	// Harmless is a cheap expression for what Telling, an expensive one, would not find anything in.
	Harmless string `mapstructure:"harmless"`
	Telling  string `mapstructure:"telling"`
	// Otherwise replaces every other name.
	Otherwise string `mapstructure:"otherwise"`
}

// Validate refuses settings under which something would pass because a list is missing. The Collector calls it at start.
func (cfg *Config) Validate() error {
	missing := map[string]bool{
		"allowed_keys":             len(cfg.AllowedKeys) == 0,
		"blocked_values":           len(cfg.BlockedValues) == 0,
		"span_names.vouched_shape": cfg.SpanNames.VouchedShape == "",
		"span_names.harmless":      cfg.SpanNames.Harmless == "",
		"span_names.telling":       cfg.SpanNames.Telling == "",
		"span_names.otherwise":     cfg.SpanNames.Otherwise == "",
	}
	var problems []error
	for setting, empty := range missing {
		if empty {
			problems = append(problems, fmt.Errorf("%s is empty; give the rendered policy (policy/redaction.yaml)", setting))
		}
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	_, err := newScrub(cfg)
	return err
}

type expressions []*regexp.Regexp

// compile gives the expressions, or says which setting has one that is none.
func compile(setting string, patterns ...string) (expressions, error) {
	compiled := make(expressions, 0, len(patterns))
	for number, pattern := range patterns {
		expression, err := regexp.Compile(pattern)
		if err != nil {
			return nil, fmt.Errorf("%s, number %d: %w", setting, number+1, err)
		}
		compiled = append(compiled, expression)
	}
	return compiled, nil
}

func (e expressions) find(text string) bool {
	for _, expression := range e {
		if expression.MatchString(text) {
			return true
		}
	}
	return false
}

// neutral replaces the names of internal steps.
type neutral []NeutralName

func newNeutral(names []NeutralName) (neutral, error) {
	for number, name := range names {
		if name.Hidden == "" || name.Shown == "" {
			return nil, fmt.Errorf("neutral_names, number %d: hidden and shown must both be given", number+1)
		}
	}
	return names, nil
}

// within replaces them wherever they stand in a text.
func (n neutral) within(text string) string {
	for _, name := range n {
		text = strings.ReplaceAll(text, name.Hidden, name.Shown)
	}
	return text
}

// whole replaces a text that is one of them.
func (n neutral) whole(text string) string {
	for _, name := range n {
		if text == name.Hidden {
			text = name.Shown
		}
	}
	return text
}

func setOf(texts []string) map[string]struct{} {
	set := make(map[string]struct{}, len(texts))
	for _, text := range texts {
		set[text] = struct{}{}
	}
	return set
}
