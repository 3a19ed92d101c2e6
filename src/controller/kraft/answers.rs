//! How answers leave, and what is told of those that refuse.

use super::api::{Refusal, error_response, refusals};
use super::api_error::ApiError;
use crate::fact::Fact;
use crate::ids::BrokerId;
use crate::node::{Interest, Outbox, ReplyTo};
use crate::protocol::{ErrorCode, Request, RequestBody, ResponseBody};

/// Answers a request, and tells what the answer refuses to an administrator.
pub(super) fn reply(to: ReplyTo, request: &Request, response: ResponseBody, out: &mut Outbox) {
    if out.interest != Interest::Nothing {
        let api = request.body.api().name();
        for Refusal { subject, error, message } in refusals(&request.body, &response) {
            out.fact(|| Fact::AdminRefused {
                api: api.into(),
                subject: subject.into(),
                error,
                message: message.into(),
            });
        }
    }
    out.reply(to, response);
}

/// Answers a request that fails as a whole.
pub(super) fn reply_error(to: ReplyTo, request: &Request, error: &ApiError, out: &mut Outbox) {
    let response = error_response(&request.body, error).expect("the request is for a controller");
    if error.error == ErrorCode::NotController {
        // Nothing was judged: the sender looks for the active controller.
        out.reply(to, response);
        return;
    }
    if let RequestBody::BrokerRegistration(registration) = &request.body {
        let broker = BrokerId(registration.broker_id.0);
        out.fact(|| Fact::RegistrationRefused { broker, error: error.error });
    }
    reply(to, request, response, out);
}
