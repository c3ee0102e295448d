package scrub

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// pieces make texts that are harmless, telling, nearly telling, neutral, broken and long.
var pieces = []string{
	"mark", "up", "_", "ma", "m", "M", "margin", "Markup.calculate", "Quote.prepare", "parts", "parts_margin_flow",
	" ", "\n", "\x00", "\xff", "\u212a", "ſ", "é", "200", strings.Repeat("long", 40),
}

func text(random *rand.Rand) string {
	var made strings.Builder
	for range random.IntN(5) {
		made.WriteString(pieces[random.IntN(len(pieces))])
	}
	return made.String()
}

func TestAMemoryChangesNoVerdictWhateverElseIsAskedMeanwhile(t *testing.T) {
	shared := made(t).values
	fresh := made(t).values
	var askers sync.WaitGroup
	for seed := range uint64(4) {
		askers.Go(func() {
			random := rand.New(rand.NewPCG(seed, 7))
			for range 20_000 {
				sent := text(random)
				value := pcommon.NewValueStr(sent)
				shared.hold(value)
				if want := fresh.verdict(sent); value.Str() != want {
					t.Errorf("%q left as %q, not as %q", sent, value.Str(), want)
				}
			}
		})
	}
	askers.Wait()
}

func TestWhatIsRefusedIsNotKeptAndWhatIsKeptIsBounded(t *testing.T) {
	scrub := made(t)
	random := rand.New(rand.NewPCG(1, 2))
	kept := 0
	for range 50_000 {
		scrub.values.hold(pcommon.NewValueStr(text(random)))
	}
	for at := range scrub.values.seen.slots {
		slot := scrub.values.seen.slots[at].Load()
		if slot == nil {
			continue
		}
		kept++
		if scrub.values.verdict(*slot) != *slot || len(*slot) > longest {
			t.Errorf("%q was kept", *slot)
		}
	}
	if kept < 100 || kept > slots {
		t.Error("kept:", kept)
	}
}

func TestATextThatSharesASlotIsNotTakenForTheOtherOne(t *testing.T) {
	small := newMemory()
	for _, one := range []string{"a", "b", "", "ab"} {
		for at := range small.slots { // every slot holds it, so every other text shares one with it
			small.slots[at].Store(&one)
		}
		for _, other := range []string{"a", "b", "", "ab", "a\x00"} {
			if small.has(other) != (one == other) {
				t.Errorf("%q was taken for %q", other, one)
			}
		}
	}
}
