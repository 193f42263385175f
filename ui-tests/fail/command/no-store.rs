#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH")]
async fn catch(id: &str) -> Result<(), PushEventError> {
    Ok(())
}

fn main() {}
