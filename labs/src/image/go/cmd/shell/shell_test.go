package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

var shell = []string{"--", "/bin/bash", "--norc", "--noprofile"}

func TestShellHasATerminalJobControlAndTheStatedEnvironment(t *testing.T) {
	a := start(t, t.TempDir(), append([]string{"--cols", "101", "--rows", "33", "--cwd", "/", "--env", "X=y z"}, shell...)...)
	a.typed("stty size; tty; echo $HOME $TERM $LANG $PWD $X; set -o | grep monitor; ps -o stat= -p $$; echo do''ne\r")
	a.until("done\r\n")
	for _, want := range []string{"33 101", "/dev/pts/", "/root xterm-256color C.UTF-8 / y z", "monitor        \ton"} {
		if !strings.Contains(string(a.output), want) {
			t.Errorf("no %q in %q", want, a.output)
		}
	}
	if strings.Contains(string(a.output), "no job control") {
		t.Errorf("no job control: %q", a.output)
	}
}

func TestResizeReachesTheProgramAndIsClamped(t *testing.T) {
	a := start(t, t.TempDir(), "--", "/bin/bash", "-c", "echo ready; while :; do stty size; sleep 0.05; done")
	a.until("ready")
	a.send('r', []byte{0, 132, 0, 43})
	a.until("43 132")
	a.send('r', []byte{0xff, 0xff, 0xff, 0xff})
	a.until("300 500")
	a.send('r', []byte{0, 0, 0, 0})
	a.until("1 2\r\n")
}

func TestExitStatusComesAfterAllOutput(t *testing.T) {
	cases := map[string]string{"exit 7": `{"code":7,"signal":null}`, "kill -9 $$": `{"code":null,"signal":"SIGKILL"}`, "true": `{"code":0,"signal":null}`}
	for script, want := range cases {
		a := start(t, t.TempDir(), "--", "/bin/sh", "-c", "echo last words;"+script)
		if got := string(a.frameOf('x')); got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
		if string(a.output) != "last words\r\n" {
			t.Errorf("%s: output %q", script, a.output)
		}
	}
}

func TestUnreadOutputSurvivesTheEndOfTheShell(t *testing.T) {
	a := start(t, t.TempDir(), append([]string{"--cols", "80", "--rows", "24"}, lines(31000)...)...) // 279,000 bytes: window and some
	a.manual = true
	for len(a.output) < window {
		a.next()
	}
	time.Sleep(300 * time.Millisecond) // the shell ends with its last output still in the kernel
	a.manual = false
	a.ack()
	a.frameOf('x')
	checkLines(t, a.output, 31000)
}

func checkLines(t *testing.T, output []byte, n int) {
	t.Helper()
	var want bytes.Buffer
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&want, "%07d\r\n", i)
	}
	if !bytes.Equal(output, want.Bytes()) {
		t.Fatalf("%d bytes of output, expected %d; it ends with %q", len(output), want.Len(), tail(output))
	}
}

func TestReattachReplaysFromTheOffsetAndFindsTheSameShell(t *testing.T) {
	dir := t.TempDir()
	a := start(t, dir, shell...)
	a.typed("x=kept; echo on''e; (sleep 0.3; echo tw''o) &\r")
	a.until("one\r\n")
	a.detach()
	time.Sleep(500 * time.Millisecond)
	whole := start(t, dir)
	if whole.hello.PID != a.hello.PID || whole.hello.StartedAt != a.hello.StartedAt {
		t.Fatalf("another shell: %+v, then %+v", a.hello, whole.hello)
	}
	whole.until("two")
	if !bytes.HasPrefix(whole.output, a.output) || whole.offset != 0 {
		t.Errorf("replay from %d: %q does not begin with %q", whole.offset, whole.output, a.output)
	}
	whole.detach()
	rest := start(t, dir, "--from", fmt.Sprint(len(a.output)))
	rest.until("two")
	if rest.offset != uint64(len(a.output)) || !bytes.Equal(whole.output[len(a.output):], rest.output) {
		t.Errorf("rest from %d: %q", rest.offset, rest.output)
	}
	rest.typed("echo $x\r")
	rest.until("kept")
	rest.detach()
	if beyond := start(t, dir, "--from", "123456789"); !bytes.HasPrefix(beyond.untilSome(), a.output[:1]) || beyond.offset != 0 {
		t.Errorf("an offset beyond the end starts at %d", beyond.offset)
	}
}

// untilSome reads the first output there is.
func (a *attachment) untilSome() []byte {
	for len(a.output) == 0 {
		a.next()
	}
	return a.output
}

func TestOutputIsDrainedWithoutAClientAndTheLastBytesAreKept(t *testing.T) {
	dir := t.TempDir()
	a := start(t, dir, shell...)
	a.typed("seq 1000000; echo fi''nished > " + dir + "/done\r")
	a.detach()
	for i := 0; ; i++ {
		if _, err := os.Stat(dir + "/done"); err == nil {
			break
		}
		if i > 400 {
			t.Fatal("the program does not finish while nobody is attached")
		}
		time.Sleep(50 * time.Millisecond)
	}
	b := start(t, dir)
	if kept := b.hello.End - b.hello.First; kept != ringSize || b.hello.End < 7_800_000 {
		t.Errorf("kept %d bytes of %d", kept, b.hello.End)
	}
	b.until("\n1000000\r\n")
	if b.offset < b.hello.First {
		t.Errorf("replay begins at %d, oldest is %d", b.offset, b.hello.First)
	}
}

func TestAProgramBlocksBehindAClientThatDoesNotAcknowledge(t *testing.T) {
	a := start(t, t.TempDir(), "--", "/usr/bin/yes")
	a.manual = true
	keeper := parentOf(t, a.hello.PID)
	for len(a.output) < window {
		a.next()
	}
	time.Sleep(500 * time.Millisecond)
	a.typed("\x03") // must reach the program although its output is blocked
	before := len(a.output)
	a.manual = false
	a.ack()
	if got := string(a.frameOf('x')); got != `{"code":null,"signal":"SIGINT"}` {
		t.Errorf("after Ctrl-C: %s", got)
	}
	if more := len(a.output) - before; more > 200<<10 {
		t.Errorf("%d bytes came after the window was full", more)
	}
	if rss := residentBytes(t, keeper); rss > 24<<20 {
		t.Errorf("the keeper uses %d bytes", rss)
	}
}

func TestCtrlCStopsAFloodThatIsBeingRead(t *testing.T) {
	a := start(t, t.TempDir(), shell...)
	a.typed("yes\r")
	for len(a.output) < 5<<20 {
		a.next()
	}
	began := time.Now()
	a.typed("\x03")
	a.output, a.offset = nil, 0
	a.until("^C")
	if took := time.Since(began); took > 200*time.Millisecond {
		t.Errorf("Ctrl-C took %v", took)
	}
}

func TestCtrlCGetsPastInputThatNobodyReads(t *testing.T) {
	a := start(t, t.TempDir(), shell...)
	a.typed("stty -echo; echo re''ady; sleep 1000\r")
	a.until("ready")
	time.Sleep(200 * time.Millisecond)
	a.send('i', bytes.Repeat([]byte("pasted line\r"), 80_000))
	time.Sleep(300 * time.Millisecond)
	a.typed("\x03")
	time.Sleep(500 * time.Millisecond) // bash forgets what is typed before its prompt
	a.typed("echo al''ive\r")
	a.until("alive")
}

func TestALargePasteArrivesWholeAndInOrder(t *testing.T) {
	a := start(t, t.TempDir(), "--", "/bin/sh", "-c", "stty raw -echo; echo ready; head -c 1048576 | sha256sum")
	a.until("ready")
	paste := make([]byte, 1<<20)
	for i := range paste {
		paste[i] = byte(i * 31 >> 3)
	}
	for at := 0; at < len(paste); at += 64 << 10 {
		a.send('i', paste[at:at+64<<10])
	}
	a.frameOf('x')
	sum := exec.Command("sha256sum")
	sum.Stdin = bytes.NewReader(paste)
	want, _ := sum.Output()
	if !bytes.Contains(a.output, want[:64]) {
		t.Errorf("%q, want %s", a.output, want)
	}
}

func TestANewerClientTakesOver(t *testing.T) {
	dir := t.TempDir()
	a := start(t, dir, shell...)
	b := start(t, dir)
	if got := string(a.frameOf('e')); !strings.Contains(got, `"taken-over"`) {
		t.Errorf("the older got %s", got)
	}
	if e := a.next(); e.kind != 0 {
		t.Errorf("the older is not closed: %q", e.kind)
	}
	b.typed("echo st''ill\r")
	b.until("still")
}

func TestABrokenFrameClosesOnlyItsConnection(t *testing.T) {
	cases := map[string][]byte{
		"frame-too-large": {'i', 0x7f, 0, 0, 0},
		"unknown-frame":   {'?', 0, 0, 0, 0},
		"bad-frame":       {'a', 0, 0, 0, 1, 0},
	}
	dir := t.TempDir()
	pid := start(t, dir, shell...).hello.PID
	for code, wire := range cases {
		a := start(t, dir)
		_, _ = a.stdin.Write(wire)
		if got := string(a.frameOf('e')); !strings.Contains(got, code) {
			t.Errorf("%s: %s", code, got)
		}
	}
	if after := start(t, dir); after.hello.PID != pid {
		t.Error("the shell did not survive")
	}
}

func TestAClientThatStopsAcknowledgingIsSentAway(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 11 s")
	}
	t.Parallel()
	a := start(t, t.TempDir(), "--", "/usr/bin/yes")
	a.manual = true
	began := time.Now()
	if got := string(a.frameOf('e')); !strings.Contains(got, "stalled") {
		t.Error(got)
	}
	if took := time.Since(began); took < 9*time.Second || took > 14*time.Second {
		t.Errorf("after %v", took)
	}
}

func TestALateClientGetsTheRestAndTheExitAndThenANewShell(t *testing.T) {
	dir := t.TempDir()
	a := start(t, dir, "--", "/bin/sh", "-c", "sleep 0.2; echo late; exit 3")
	a.detach()
	time.Sleep(500 * time.Millisecond)
	b := start(t, dir, "--from", "0")
	if got := string(b.frameOf('x')); got != `{"code":3,"signal":null}` || string(b.output) != "late\r\n" {
		t.Errorf("late client got %q and %s", b.output, got)
	}
	b.ack()
	b.detach()
	if c := start(t, dir, shell...); c.hello.PID == a.hello.PID {
		t.Error("no new shell")
	}
}

func TestTheKeeperGoesAwayByItself(t *testing.T) {
	dir := t.TempDir()
	a := start(t, dir, "--", "/bin/true")
	a.detach()
	for i := 0; i < 100; i++ {
		if _, err := os.Stat(dir + "/t1.sock"); err != nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the socket is still there after 10 s")
}

func TestAttachesAtOnceStartOneShell(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	pids := make([]string, 8)
	for i := range pids {
		wg.Go(func() {
			command := exec.Command(os.Args[0], append([]string{"attach", "--dir", dir, "--name", "t1"}, shell...)...)
			out, _ := command.Output()
			pids[i], _, _ = strings.Cut(string(out[min(5, len(out)):]), ",")
		})
	}
	wg.Wait()
	a := start(t, dir)
	for _, pid := range pids {
		if pid != fmt.Sprintf(`{"pid":%d`, a.hello.PID) {
			t.Errorf("got %q, the shell is %d", pid, a.hello.PID)
		}
	}
}

func TestListAndKill(t *testing.T) {
	dir := t.TempDir()
	a := start(t, dir, shell...)
	out, err := exec.Command(os.Args[0], "list", "--dir", dir).Output()
	if want := fmt.Sprintf(`{"pid":%d,"name":"t1"`, a.hello.PID); err != nil || !strings.HasPrefix(string(out), want) || !strings.Contains(string(out), `"attached":true`) {
		t.Errorf("list: %s %v", out, err)
	}
	if err := exec.Command(os.Args[0], "kill", "--dir", dir, "--name", "t1").Run(); err != nil {
		t.Error(err)
	}
	if out, _ = exec.Command(os.Args[0], "list", "--dir", dir).Output(); len(out) > 0 {
		t.Errorf("after kill: %s", out)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", a.hello.PID)); err == nil {
		t.Error("the shell still runs")
	}
}

func TestAProgramThatCannotBeStartedIsReported(t *testing.T) {
	out, _ := exec.Command(os.Args[0], "attach", "--dir", t.TempDir(), "--name", "t1", "--", "/no/such/shell").Output()
	if !strings.Contains(string(out), "spawn-failed") {
		t.Errorf("got %q", out)
	}
}

func TestNamesThatCouldLeaveTheFolderAreRefused(t *testing.T) {
	for _, name := range []string{"", "../x", ".x", "a/b", strings.Repeat("a", 65), "a b"} {
		if run([]string{"attach", "--name", name}) == nil {
			t.Errorf("%q was taken", name)
		}
	}
}

func TestOutputIsFast(t *testing.T) {
	const size = 64 << 20
	a := start(t, t.TempDir(), "--", "/bin/sh", "-c", fmt.Sprintf("stty raw; head -c %d /dev/zero", size))
	began := time.Now()
	seen := uint64(0)
	for {
		e := a.next()
		if e.kind == 'x' {
			break
		}
		seen = binary.BigEndian.Uint64(e.payload) + uint64(len(e.payload)) - 8
		a.offset, a.output = seen, nil
	}
	rate := float64(size) / time.Since(began).Seconds() / 1e6
	t.Logf("%.0f MB/s", rate)
	if seen != size {
		t.Errorf("%d bytes of %d", seen, size)
	}
}
