package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// secondTry: a visitor who gets no answer tries again after this; a request is lost when that
	// fails too.
	secondTry = 300 * time.Millisecond
	// longestGap between two beats that is still none of the visitors' being silenced, on a machine
	// that is busy.
	longestGap = 5 * time.Second
	// mostLosses that are listed one by one.
	mostLosses = 1000
	// mostAddresses that answers are counted by.
	mostAddresses = 100
	// forgottenAfter: how long the record of a node that is gone is kept.
	forgottenAfter = time.Hour
)

// lost is a beat without an answer.
type lost struct {
	Beat int `json:"beat"`
	// AtMs since the record began, the time in which the sandbox was frozen left out.
	AtMs   int64  `json:"atMs"`
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
}

// trafficReport is what the visitors of a service have met with since the record began.
type trafficReport struct {
	// Beats: requests that were made.
	Beats int `json:"beats"`
	// Lost: beats without an answer, and those that a gap swallowed.
	Lost int `json:"lost"`
	// Losses: the first of them.
	Losses []lost `json:"losses"`
	// Gaps: longer times without a beat that were none of freezing.
	Gaps int `json:"gaps"`
	// ServedFrom: how many answers came from each address; the first hundred of them.
	ServedFrom map[string]int `json:"servedFrom"`
	// RecordedMs: how long it has been recorded, without the time in which the sandbox was frozen.
	RecordedMs int64 `json:"recordedMs"`
}

// meter makes requests from a node at a steady beat and records the answers, outside of the sandbox
// and so out of its root's reach.
type meter struct {
	node   node
	asked  visit
	every  time.Duration
	cancel context.CancelFunc

	mutex sync.Mutex
	trafficReport
	running  bool
	lastBeat time.Time
	// freezes counts them: a beat that a freeze fell into says nothing.
	freezes int
}

// meters by sandbox and name.
type meters struct {
	mutex sync.Mutex
	all   map[string]map[string]*meter
}

// start begins a record, or begins it anew.
func (m *meters) start(sandbox, name string, n node, asked visit, every time.Duration) error {
	if sandbox == "" || name == "" || every < 10*time.Millisecond {
		return errUsage
	}
	// A first request shows what is wrong with the call; whether it is answered does not matter yet.
	if _, err := n.get(context.Background(), asked); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	one := &meter{node: n, asked: asked, every: every, cancel: cancel, running: true, lastBeat: time.Now()}
	one.Losses, one.ServedFrom = []lost{}, map[string]int{}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.all[sandbox] == nil {
		m.all[sandbox] = map[string]*meter{}
	}
	if before := m.all[sandbox][name]; before != nil {
		before.cancel()
	}
	m.all[sandbox][name] = one
	go one.run(ctx, func() { m.forget(sandbox, name, one) })
	return nil
}

func (m *meters) forget(sandbox, name string, one *meter) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.all[sandbox][name] != one {
		return
	}
	delete(m.all[sandbox], name)
	if len(m.all[sandbox]) == 0 {
		delete(m.all, sandbox)
	}
}

func (m *meters) report(sandbox, name string) (trafficReport, error) {
	m.mutex.Lock()
	one := m.all[sandbox][name]
	m.mutex.Unlock()
	if one == nil {
		return trafficReport{}, fmt.Errorf("%w: no traffic %s of sandbox %s is recorded", errMissing, name, sandbox)
	}
	one.mutex.Lock()
	defer one.mutex.Unlock()
	one.closeGap(time.Now())
	report := one.trafficReport
	report.Losses, report.ServedFrom = slices.Clone(one.Losses), maps.Clone(one.ServedFrom)
	return report, nil
}

// setRunning stops the beat while the sandbox is frozen, and lets it go on.
func (m *meters) setRunning(sandbox string, running bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, one := range m.all[sandbox] {
		one.mutex.Lock()
		if one.running != running {
			one.closeGap(time.Now())
			one.freezes++
			one.running, one.lastBeat = running, time.Now()
		}
		one.mutex.Unlock()
	}
}

// run makes a beat each time, until the node is gone.
func (one *meter) run(ctx context.Context, forget func()) {
	ticker := time.NewTicker(one.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if one.node.check() != nil {
			time.AfterFunc(forgottenAfter, forget)
			return
		}
		if beat, freezes, due := one.begin(); due {
			go one.visit(ctx, beat, freezes)
		}
	}
}

func (one *meter) begin() (beat, freezes int, due bool) {
	one.mutex.Lock()
	defer one.mutex.Unlock()
	if !one.running {
		return 0, 0, false
	}
	one.closeGap(time.Now())
	one.Beats++
	return one.Beats, one.freezes, true
}

// closeGap adds up the time since the last beat. The caller holds the mutex.
func (one *meter) closeGap(now time.Time) {
	if !one.running {
		return
	}
	silent := now.Sub(one.lastBeat)
	one.RecordedMs += silent.Milliseconds()
	one.lastBeat = now
	if silent > longestGap {
		one.Gaps++
		one.lose(lost{Beat: one.Beats, AtMs: one.RecordedMs, Error: "no request could be made"}, int(silent/one.every))
	}
}

func (one *meter) lose(what lost, count int) {
	one.Lost += count
	if len(one.Losses) < mostLosses {
		one.Losses = append(one.Losses, what)
	}
}

// visit makes the request of one beat, and a second try.
func (one *meter) visit(ctx context.Context, beat, freezes int) {
	one.mutex.Lock()
	atMs := one.RecordedMs
	one.mutex.Unlock()
	got, err := one.node.get(ctx, one.asked)
	if err == nil && got.failed() {
		time.Sleep(secondTry)
		got, err = one.node.get(ctx, one.asked)
	}
	if ctx.Err() != nil || err != nil {
		return
	}
	one.mutex.Lock()
	defer one.mutex.Unlock()
	if _, known := one.ServedFrom[got.ServedFrom]; got.ServedFrom != "" && (known || len(one.ServedFrom) < mostAddresses) {
		one.ServedFrom[got.ServedFrom]++
	}
	if got.failed() && one.freezes == freezes {
		one.lose(lost{beat, atMs, got.Status, got.Error}, 1)
	}
}
