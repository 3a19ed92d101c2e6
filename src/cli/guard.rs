//! What happens when the simulator contradicts itself: seed and event are said, and the program ends
//! with 70.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

thread_local! {
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A contradiction: what the assert said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contradiction(pub(super) String);

/// Does `work`; an assert that fails meanwhile is caught.
pub(super) fn guard<T>(work: impl FnOnce() -> T) -> Result<T, Contradiction> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| panic::set_hook(Box::new(note)));
    // What the work left half done is looked at for its numbers only.
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        let said = SAID.with(RefCell::take);
        Contradiction(said.unwrap_or_else(|| "an assert failed".to_owned()))
    })
}

fn note(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "an assert failed".to_owned());
    let place = info.location().map_or_else(String::new, |place| format!(" ({place})"));
    SAID.with(|said| *said.borrow_mut() = Some(format!("{message}{place}")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contradiction_says_what_and_where() {
        assert_eq!(guard(|| 7), Ok(7));
        let empty: Vec<u8> = Vec::new();
        let caught = guard(|| assert!(!empty.is_empty(), "one is not more"));
        let Err(Contradiction(said)) = caught else { panic!("it is caught") };
        assert!(said.starts_with("one is not more ("), "{said}");
        assert!(said.contains("guard.rs"), "{said}");
    }
}
