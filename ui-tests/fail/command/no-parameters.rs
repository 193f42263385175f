#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH")]
async fn catch() -> Result<(), PushEventError> {
    Ok(())
}

fn main() {}
