//! Tests of messages that cannot be written as JSON. Adapters that do not write JSON must check their messages, too, so
//! that the tests of an application detect the problems that would occur with a broker.

use castore_core::channel::CarriesEvents;

use super::channels::KitChannel;
use super::subject::{Case, Subject, pokemon, unwritable};

/// Tests that publishing a message that contains NaN fails, both singly and in a batch. This message does not arrive,
/// but later messages of the same aggregate and of other aggregates do.
pub async fn a_message_that_is_no_json_is_refused<C: KitChannel + CarriesEvents>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    case.channel.publish_message(unwritable::<C>("a", 1)).await.expect_err("NaN is published");
    case.channel.publish_messages(vec![unwritable::<C>("b", 1)]).await.expect_err("NaN is published in a batch");
    let good = [pokemon::<C>("a", 1), pokemon::<C>("c", 1)];
    case.publish(good.clone()).await;
    case.expect_once(&good).await;
}
