//! What a cluster sends, noted for tests.

use std::cell::RefCell;

use crate::protocol::{RequestBody, ResponseBody};

/// A message with its version.
#[derive(Clone, Debug)]
pub(crate) enum Sent {
    Request(i16, RequestBody),
    Response(i16, ResponseBody),
}

thread_local! {
    static SENT: RefCell<Option<Vec<Sent>>> = const { RefCell::new(None) };
}

/// From now on what this thread's clusters send is noted.
pub(crate) fn open() {
    SENT.set(Some(Vec::new()));
}

/// What was sent since the last look.
pub(crate) fn take() -> Vec<Sent> {
    SENT.with_borrow_mut(|sent| sent.as_mut().map(std::mem::take).unwrap_or_default())
}

pub(super) fn note(message: impl FnOnce() -> Sent) {
    SENT.with_borrow_mut(|sent| {
        if let Some(sent) = sent {
            sent.push(message());
        }
    });
}
