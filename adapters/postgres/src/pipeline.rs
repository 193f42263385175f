use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Runs two requests on one connection in one round trip. A request is sent when it is first polled, so the server
/// receives and executes them in this order.
pub(crate) async fn in_order<A: Future, B: Future>(first: A, second: B) -> (A::Output, B::Output) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut one, mut other) = (None, None);
    poll_fn(move |context| {
        if one.is_none()
            && let Poll::Ready(output) = first.as_mut().poll(context)
        {
            one = Some(output);
        }
        if other.is_none()
            && let Poll::Ready(output) = second.as_mut().poll(context)
        {
            other = Some(output);
        }
        match (one.take(), other.take()) {
            (Some(one), Some(other)) => Poll::Ready((one, other)),
            (done, done_too) => {
                (one, other) = (done, done_too);
                Poll::Pending
            }
        }
    })
    .await
}
