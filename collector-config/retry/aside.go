package retry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"time"

	"go.uber.org/zap"
)

const (
	// Between two offers of one batch that stands aside; twice as long after each refusal, up to the longest.
	offerInterval, longestInterval = time.Second, 5 * time.Minute
	// Refused batches that are still in their queue are remembered up to this number.
	remembered = 1024
)

// batch is one export request as it was sent.
type batch struct {
	// Route is the path of HTTP or the method of gRPC.
	Route string `json:"route"`
	// Headers that belong to the body. Credentials are never written.
	Headers map[string]string `json:"headers,omitempty"`
	// First is when it stepped aside.
	First time.Time `json:"first"`
	// Answer is the last one.
	Answer string `json:"answer"`
	// Refused is how often it was refused after another one of its kind had passed.
	Refused int    `json:"refused"`
	Body    []byte `json:"body"`

	sum       string
	last      time.Time
	neighbour bool
	offered   bool
}

func (b *batch) key() string {
	if b.sum == "" {
		sum := sha256.Sum256(append([]byte(b.Route+"\x00"), b.Body...))
		b.sum = hex.EncodeToString(sum[:16])
	}
	return b.sum
}

func (b *batch) pause() time.Duration {
	return min(offerInterval<<min(b.Refused, 16), longestInterval)
}

func (b *batch) name() string {
	return b.First.UTC().Format("20060102T150405Z") + "-" + b.key() + ".json"
}

// aside is where refused batches stand so that others can pass: in memory, and each in a file.
type aside struct {
	config  *Config
	places  string
	refused string

	mutex    sync.Mutex
	refusals map[string]int
	batches  map[string]*batch
}

func newAside(config *Config, logger *zap.Logger) (*aside, error) {
	a := &aside{
		config: config, places: filepath.Join(config.Directory, "aside"), refused: filepath.Join(config.Directory, "refused"),
		refusals: map[string]int{}, batches: map[string]*batch{},
	}
	for _, folder := range []string{a.places, a.refused} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("directory of refused batches: %w", err)
		}
	}
	entries, err := os.ReadDir(a.places)
	if err != nil {
		return nil, fmt.Errorf("directory of refused batches: %w", err)
	}
	for _, entry := range entries {
		place := filepath.Join(a.places, entry.Name())
		if filepath.Ext(place) != ".json" {
			_ = os.Remove(place) // written half; its batch is still in the queue
			continue
		}
		text, err := os.ReadFile(place)
		b := &batch{}
		if err == nil {
			err = json.Unmarshal(text, b)
		}
		if err != nil {
			logger.Error("A batch that stood aside cannot be read; its file stays", zap.String("file", place), zap.Error(err))
			continue
		}
		a.batches[b.key()] = b
	}
	return a, nil
}

// step counts a refusal; a batch that has had enough of them gets a place, if one is free and its file is on disk.
func (a *aside) step(b *batch, answer string) (bool, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	key := b.key()
	if _, stands := a.batches[key]; stands {
		return true, nil // the same one, back from the queue after a crash
	}
	if len(a.refusals) >= remembered {
		clear(a.refusals)
	}
	a.refusals[key]++
	if a.refusals[key] < a.config.Patience || len(a.batches) >= a.config.Places {
		return false, nil
	}
	b.First, b.Answer, b.last = time.Now(), answer, time.Now()
	if err := write(filepath.Join(a.places, b.name()), b); err != nil {
		return false, err
	}
	delete(a.refusals, key)
	a.batches[key] = b
	return true, nil
}

// due gives those that may be offered again because a batch has passed on this route, the oldest first.
func (a *aside) due(route string) []*batch {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	var found []*batch
	for _, b := range a.batches {
		if b.Route == route {
			b.neighbour = true
		}
		if !b.offered && time.Since(b.last) >= b.pause() {
			b.offered, b.last = true, time.Now()
			found = append(found, b)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].First.Before(found[j].First) })
	return found
}

// forget removes a batch that has been delivered.
func (a *aside) forget(b *batch) error {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	delete(a.batches, b.key())
	return os.Remove(filepath.Join(a.places, b.name()))
}

// fate is what became of a batch that was refused once more.
type fate int

const (
	stays fate = iota
	divided
	putAway
)

// still notes that a batch was refused once more: when it has had enough, it is divided, or put away for good.
func (a *aside) still(b *batch, got answer) (fate, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	b.offered, b.last, b.Answer = false, time.Now(), got.text
	if !got.personal || !b.neighbour {
		return stays, nil
	}
	b.neighbour = false
	b.Refused++
	if b.Refused < a.config.Attempts || (got.busy && time.Since(b.First) < a.config.Busy) {
		return stays, nil
	}
	// All that is bad in many pieces would be many files, and is no better for it.
	if len(a.batches) < 2*a.config.Places {
		if halves := b.halves(); len(halves) > 0 {
			return divided, a.replace(b, halves)
		}
	}
	_, bytes, err := size(a.refused)
	if err != nil {
		return stays, err
	}
	if bytes+int64(len(b.Body)) > a.config.MaxBytes {
		return stays, errors.New("the room for refused batches is used up: look at them, then move them elsewhere")
	}
	if err := write(filepath.Join(a.refused, b.name()), b); err != nil {
		return stays, err
	}
	delete(a.batches, b.key())
	return putAway, os.Remove(filepath.Join(a.places, b.name()))
}

// replace gives the parts of a batch places of their own, on disk before its own is gone. One refusal more is enough to
// go on with a part; "not now" must last for as long as with a new one.
func (a *aside) replace(b *batch, bodies [][]byte) error {
	for _, body := range bodies {
		part := &batch{
			Route: b.Route, Headers: b.Headers, First: time.Now(), Answer: b.Answer, Refused: a.config.Attempts - 1, Body: body,
		}
		if _, stands := a.batches[part.key()]; stands {
			continue
		}
		if err := write(filepath.Join(a.places, part.name()), part); err != nil {
			return err // the whole stays beside what there is of its parts: rather twice than never
		}
		a.batches[part.key()] = part
	}
	delete(a.batches, b.key())
	return os.Remove(filepath.Join(a.places, b.name()))
}

// standing gives the number of batches that stand aside.
func (a *aside) standing() int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return len(a.batches)
}

// present says whether the folders are there.
func (a *aside) present() bool {
	_, places := os.Stat(a.places)
	_, refused := os.Stat(a.refused)
	return places == nil && refused == nil
}

func size(folder string) (files, bytes int64, err error) {
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && filepath.Ext(entry.Name()) == ".json" {
			files++
			bytes += info.Size()
		}
	}
	return files, bytes, err
}

// write puts a batch on disk so that it is there after a power cut, whole or not at all.
func write(place string, b *batch) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	half := place + ".half"
	file, err := os.OpenFile(half, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(half, place)
	}
	if err != nil {
		return errors.Join(err, os.Remove(half))
	}
	folder, err := os.Open(filepath.Dir(place))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
