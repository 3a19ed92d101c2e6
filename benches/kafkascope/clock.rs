//! Time as a bench takes it: CPU time for work, wall time for what a person waits for.

use std::time::Duration;

/// The wall clock.
#[expect(clippy::disallowed_types, reason = "a bench measures real time")]
pub(crate) type Wall = std::time::Instant;

/// How much CPU time `work` took, and what it returned. A machine that does other things as well
/// makes it wait, but not compute.
pub(crate) fn cpu<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let before = cpu_time();
    let result = work();
    (cpu_time().saturating_sub(before), result)
}

#[cfg(unix)]
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    use std::sync::LazyLock;
    static START: LazyLock<Wall> = LazyLock::new(Wall::now);
    START.elapsed()
}

/// Nanoseconds per one of `count`.
pub(crate) fn nanos_each(time: Duration, count: u64) -> f64 {
    time.as_nanos() as f64 / count.max(1) as f64
}
