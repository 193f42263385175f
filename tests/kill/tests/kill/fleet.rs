use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use castore_kill_tests::{APPLIED, Arguments, LEASE, Role};
use fastrand::Rng;

/// The processes of a test. The fleet kills, restarts, pauses and resumes them at random.
pub(crate) struct Fleet {
    processes: Vec<Process>,
    rng: Rng,
    next_trouble: Instant,
    pub(crate) kills: usize,
    /// The number of kills of processes that do not store events.
    pub(crate) reader_kills: usize,
    pub(crate) pauses: usize,
    /// The number of kills and pauses of processes while they applied an event to their read model.
    pub(crate) caught_at_work: usize,
    /// The number of pauses of leaders during which another process acquired the lease, and after which the paused
    /// process noticed the loss of the lease.
    pub(crate) superseded: usize,
}

struct Process {
    arguments: Arguments,
    /// `None` while the process is not running.
    child: Option<Child>,
    paused_until: Option<Instant>,
    /// Whether the process was the leader when it was paused.
    led: bool,
    /// If set, the process is not interrupted again until it has noticed the loss of a lease this many times in total.
    must_have_lost: Option<usize>,
    back_at: Instant,
    starts: u64,
    owner: String,
}

impl Fleet {
    pub(crate) fn new(seed: u64) -> Self {
        let next_trouble = Instant::now() + Duration::from_millis(500);
        Self {
            processes: Vec::new(),
            rng: Rng::with_seed(seed),
            next_trouble,
            kills: 0,
            reader_kills: 0,
            pauses: 0,
            caught_at_work: 0,
            superseded: 0,
        }
    }

    /// Starts another process.
    pub(crate) fn launch(&mut self, arguments: Arguments) {
        let back_at = Instant::now();
        let mut process = Process {
            arguments,
            child: None,
            paused_until: None,
            led: false,
            must_have_lost: None,
            back_at,
            starts: 0,
            owner: String::new(),
        };
        process.start();
        self.processes.push(process);
    }

    /// Restarts or resumes the processes whose interruption is over. If the next interruption is due, kills or pauses
    /// one process, preferably the `leader`.
    ///
    /// The longer `overtime` is, the rarer the interruptions are, so that all processes finish on a slow machine, too.
    pub(crate) fn trouble(&mut self, leader: Option<&str>, overtime: Duration) {
        self.bring_back(Instant::now(), leader);
        if Instant::now() < self.next_trouble {
            return;
        }
        let pause = Duration::from_millis(self.rng.u64(100..340));
        self.next_trouble = Instant::now() + pause.mul_f64(1.0 + overtime.as_secs_f64() / 2.0);
        let leading = self.processes.iter().position(|process| Some(process.owner.as_str()) == leader);
        let any = self.rng.usize(..self.processes.len());
        let index = leading.filter(|_| self.rng.u32(..100) < 60).unwrap_or(any);
        let one_is_paused = self.processes.iter().any(|process| process.paused_until.is_some());
        let process = &mut self.processes[index];
        if process.child.is_none() || process.paused_until.is_some() || process.must_have_lost.is_some() {
            return;
        }
        let role = process.arguments.role;
        if matches!(role, Role::Projection { .. }) {
            let is_at_work = process.wait_until_at_work();
            if is_at_work && self.rng.bool() {
                self.caught_at_work += 1;
            } else {
                // After this delay, the interruption may also hit the commit of the batch, or the time after the
                // commit.
                std::thread::sleep(Duration::from_millis(self.rng.u64(..12)));
            }
        }
        // Writers are not paused, because a paused writer would only reduce the load.
        let odds = if Some(index) == leading { 50 } else { 25 };
        if !role.writes() && !one_is_paused && self.rng.u32(..100) < odds {
            let least = if role == Role::Relay { LEASE } else { Duration::ZERO };
            process.pause(least + Duration::from_millis(self.rng.u64(200..900)));
            process.led = Some(index) == leading;
            self.pauses += 1;
        } else {
            process.kill(Duration::from_millis(self.rng.u64(..300)));
            self.kills += 1;
            self.reader_kills += usize::from(!role.writes());
        }
    }

    /// Resumes and restarts all processes.
    pub(crate) fn calm(&mut self) {
        self.bring_back(Instant::now() + Duration::from_secs(3600), None);
    }

    /// Returns whether a process that has lost its lease during a pause has not noticed the loss yet.
    pub(crate) fn is_blind(&self) -> bool {
        self.processes.iter().any(|process| process.must_have_lost.is_some())
    }

    /// Restarts or resumes the processes whose interruption is over. Panics if a process has ended by itself.
    pub(crate) fn check(&mut self) {
        self.bring_back(Instant::now(), None);
    }

    /// Kills the processes of a role permanently.
    pub(crate) fn end(&mut self, role: Role) {
        self.processes.retain_mut(|process| {
            let ends = process.arguments.role == role;
            if ends {
                process.stop();
            }
            !ends
        });
    }

    fn bring_back(&mut self, now: Instant, leader: Option<&str>) {
        for process in &mut self.processes {
            process.check();
            if process.child.is_none() && process.back_at <= now {
                process.start();
            }
            if process.paused_until.is_some_and(|until| until <= now) {
                let is_superseded = process.led && leader.is_some_and(|leader| leader != process.owner);
                process.must_have_lost = is_superseded.then(|| process.lost_leases() + 1);
                process.signal("CONT");
                process.paused_until = None;
            }
            if process.must_have_lost.is_some_and(|times| process.lost_leases() >= times) {
                process.must_have_lost = None;
                self.superseded += 1;
            }
        }
    }
}

impl Process {
    fn start(&mut self) {
        self.starts += 1;
        // Each start has a new seed, so that the process does not repeat its decisions.
        let seed = self.arguments.seed * 1000 + self.starts;
        let arguments = Arguments { seed, ..self.arguments.clone() };
        self.owner = arguments.owner();
        let complaints = File::create(self.complaints()).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_castore-kill-program"))
            .args(arguments.to_vec())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(complaints)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    fn complaints(&self) -> std::path::PathBuf {
        self.arguments.folder.path().join(format!("{}.stderr", self.arguments.name))
    }

    /// Returns how often the process has noticed the loss of its lease.
    fn lost_leases(&self) -> usize {
        let lines = self.arguments.folder.lines("broker");
        lines.iter().filter(|line| line[0] == "lost-lease" && line[1] == self.arguments.name).count()
    }

    /// Waits for at most 150 ms until the process applies an event to its read model. Returns whether it has applied an
    /// event.
    fn wait_until_at_work(&self) -> bool {
        let applied = self.arguments.folder.path().join(format!("{APPLIED}{}", self.arguments.name));
        let size = || std::fs::metadata(&applied).map_or(0, |file| file.len());
        let (before, begun) = (size(), Instant::now());
        while size() == before && begun.elapsed() < Duration::from_millis(150) {
            std::thread::sleep(Duration::from_micros(300));
        }
        size() > before
    }

    /// Panics if the process has ended by itself.
    fn check(&mut self) {
        let Some(child) = &mut self.child else { return };
        if let Some(status) = child.try_wait().unwrap() {
            let complaints = std::fs::read_to_string(self.complaints()).unwrap();
            panic!("{} ended with {status}: {complaints}", self.arguments.name);
        }
    }

    fn kill(&mut self, down: Duration) {
        self.check();
        self.stop();
        self.back_at = Instant::now() + down;
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        self.paused_until = None;
    }

    fn pause(&mut self, pause: Duration) {
        self.signal("STOP");
        self.paused_until = Some(Instant::now() + pause);
    }

    fn signal(&self, signal: &str) {
        let child = self.child.as_ref().unwrap();
        let sent = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
        assert!(sent.success(), "kill -{signal}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}
