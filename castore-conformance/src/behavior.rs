use std::fmt;
use std::pin::Pin;

/// A required behavior of an adapter, which can be checked outside of a `#[test]` function. `F` is the type of the
/// factory that creates the adapter.
pub struct Behavior<F: ?Sized> {
    /// The topic of the behavior, which is the name of the module that contains the test function.
    pub topic: &'static str,
    /// The name of the test function.
    pub name: &'static str,
    pub(crate) run: Run<F>,
}

pub(crate) type Run<F> = for<'a> fn(&'a F) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

impl<F: ?Sized> Behavior<F> {
    /// Checks the behavior on a separate runtime. Panics if the adapter does not have the behavior.
    pub fn check(&self, factory: &F) {
        crate::run::run((self.run)(factory));
    }
}

impl<F: ?Sized> Clone for Behavior<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: ?Sized> Copy for Behavior<F> {}

impl<F: ?Sized> fmt::Debug for Behavior<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Behavior").field("topic", &self.topic).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Expands to a table of the listed behaviors. For each name, the table calls the function `super::topic::name`, where
/// `super` is the parent of the module that calls the macro.
macro_rules! behavior_table {
    ($($topic:ident: { $($behavior:ident)* })*) => {
        &[$($($crate::Behavior {
            topic: stringify!($topic),
            name: stringify!($behavior),
            run: |factory| Box::pin(super::$topic::$behavior(factory)),
        }),*),*]
    };
}
pub(crate) use behavior_table;

/// Asserts that `behaviors` lists every public test function in `folder`. A test function is a function with one
/// parameter, whose type is a reference to the trait with the name `factory`. A behavior that is not listed would
/// never be tested.
#[cfg(test)]
pub(crate) fn expect_all_listed<F: ?Sized>(folder: &str, factory: &str, behaviors: &[Behavior<F>]) {
    let folder = format!("{}/src/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut written = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let topic = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            if let Some((name, _)) = line
                .strip_prefix("pub async fn ")
                .and_then(|rest| rest.split_once(&format!("(factory: &dyn {factory})")))
            {
                written.push((topic.clone(), name.to_owned()));
            }
        }
    }
    let mut listed: Vec<_> =
        behaviors.iter().map(|behavior| (behavior.topic.to_owned(), behavior.name.to_owned())).collect();
    written.sort();
    listed.sort();
    assert_eq!(listed, written);
}
