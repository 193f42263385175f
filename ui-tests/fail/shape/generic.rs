include!("../../game/stores.rs");

#[derive(Serialize, Deserialize, Shape)]
struct Page<T> {
    entries: Vec<T>,
}

fn main() {}
