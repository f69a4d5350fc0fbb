package main

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// until waits for a report that holds.
func until(t *testing.T, all *meters, holds func(trafficReport) bool) trafficReport {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		report, err := all.report("box", "visitors")
		if err != nil {
			t.Fatal(err)
		}
		if holds(report) {
			return report
		}
		if time.Now().After(end) {
			t.Fatalf("still %+v", report)
		}
	}
}

// watch begins a record of a server that answers with the status of `state`.
func watch(t *testing.T, state *atomic.Int32) *meters {
	t.Helper()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(state.Load())) })
	all := &newObserver().meters
	n := node{itself.PID, containerOf(t, itself.PID)}
	if err := all.start("box", "visitors", n, visit{URL: url}, 20*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { all.all["box"]["visitors"].cancel() })
	return all
}

func TestARequestIsLostWhenItFailsTwice(t *testing.T) {
	var state atomic.Int32
	state.Store(200)
	all := watch(t, &state)
	if report := until(t, all, func(r trafficReport) bool { return r.Beats > 10 }); report.Lost != 0 || report.Gaps != 0 {
		t.Errorf("%+v", report)
	}
	state.Store(503)
	report := until(t, all, func(r trafficReport) bool { return r.Lost > 2 })
	if report.Losses[0].Status != 503 || report.Losses[0].Beat < 1 || len(report.Losses) != report.Lost {
		t.Errorf("%+v", report)
	}
}

func TestWhatAFreezeFallsIntoIsNotLost(t *testing.T) {
	var state atomic.Int32
	state.Store(503)
	all := watch(t, &state)
	until(t, all, func(r trafficReport) bool { return r.Beats > 0 })
	// The first beat is in its second try: it began before the freeze.
	all.setRunning("box", false)
	before, _ := all.report("box", "visitors")
	time.Sleep(2 * secondTry)
	if after, _ := all.report("box", "visitors"); after.Lost != 0 || after.Beats != before.Beats || after.RecordedMs != before.RecordedMs {
		t.Errorf("before %+v, after %+v", before, after)
	}
	all.setRunning("box", true)
	until(t, all, func(r trafficReport) bool { return r.Lost > 0 })
}

func TestAGapCountsAsLost(t *testing.T) {
	one := &meter{every: 100 * time.Millisecond, running: true, lastBeat: time.Now().Add(-20 * time.Second)}
	one.closeGap(time.Now())
	if one.Gaps != 1 || one.Lost < 199 || one.Lost > 201 || one.RecordedMs < 20_000 {
		t.Errorf("%+v", one.trafficReport)
	}
	one.lastBeat = time.Now().Add(-time.Second)
	one.closeGap(time.Now())
	if one.Gaps != 1 {
		t.Errorf("a second is no gap: %+v", one.trafficReport)
	}
}

func TestATrafficThatIsNotRecordedIsMissing(t *testing.T) {
	all := &newObserver().meters
	if _, err := all.report("box", "visitors"); !errors.Is(err, errMissing) {
		t.Error(err)
	}
	if err := all.start("box", "visitors", itself, visit{URL: "http://a.name/"}, time.Second); !errors.Is(err, errUsage) {
		t.Error(err)
	}
}
