package scrub

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

const (
	slots   = 1 << 14
	longest = 128 // bytes; longer texts are rarely seen twice
)

// memory knows texts that were found fit to leave. It holds at most one text a slot, so 16,384 of 128 bytes (3 MiB with
// what belongs to them), and a new text takes the place of the old one. What was refused is never kept, so nothing is in
// it that may not leave. Readers and writers need no lock: a slot is read and written as a whole.
type memory struct {
	seed  maphash.Seed // a sender cannot choose texts that share a slot
	slots []atomic.Pointer[string]
}

func newMemory() *memory {
	return &memory{seed: maphash.MakeSeed(), slots: make([]atomic.Pointer[string], slots)}
}

// has says whether this very text was kept; the whole text is compared.
func (m *memory) has(text string) bool {
	if len(text) > longest {
		return false
	}
	kept := m.slot(text).Load()
	return kept != nil && *kept == text
}

// keep remembers a text.
func (m *memory) keep(text string) {
	if len(text) > longest {
		return
	}
	kept := strings.Clone(text) // or a whole request might stay in memory for its sake
	m.slot(text).Store(&kept)
}

func (m *memory) slot(text string) *atomic.Pointer[string] {
	return &m.slots[maphash.String(m.seed, text)%slots]
}
