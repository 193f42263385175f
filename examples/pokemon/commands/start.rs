use castore::prelude::*;

use crate::trainer::{Trainer, TrainerEvent};

#[derive(Debug, Clone)]
pub struct StartGame {
    pub trainer_id: String,
    pub trainer_name: String,
}

#[derive(Debug, thiserror::Error)]
pub enum StartGameError {
    #[error("{trainer_name} has already started the game")]
    AlreadyStarted { trainer_name: String },
    #[error(transparent)]
    Read(#[from] EventStoreError),
    #[error(transparent)]
    Push(#[from] PushEventError),
}

/// Starts the game of a trainer.
#[command(id = "START_GAME")]
pub async fn start_game(input: &StartGame, trainers: &impl Store<Trainer>) -> Result<(), StartGameError> {
    if let Some(trainer) = trainers.get_aggregate(&input.trainer_id).without_events().await? {
        return Err(StartGameError::AlreadyStarted { trainer_name: trainer.state.name });
    }
    let started = TrainerEvent::GameStarted { trainer_name: input.trainer_name.clone() };
    trainers.push_event(NewEvent::new(&input.trainer_id, 1, started)).await?;
    Ok(())
}
