use std::io::Read;

/// Ends the process when its standard input closes, so that no process survives a killed test.
pub(crate) fn end_with_it() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}
