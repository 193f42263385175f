use crate::measure::Report;

pub fn run(_: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}
