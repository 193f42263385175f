//! The descriptions of types. A description consists of a text, which the library parses when the description is
//! requested, and of the shapes of the types to which the text refers.
//!
//! The format is documented at `castore_core::describe::Described`.

mod container;
mod fields;
mod plain;

pub(crate) use container::{Container, ContainerContent};
pub(crate) use fields::FieldRules;

use crate::krate::Krate;
use crate::text;
use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::Type;

/// A builder for the description of a type: its text, and the types to which the text refers.
pub(crate) struct Description {
    name: String,
    text: String,
    /// The types whose shapes the compiler looks up, without duplicates. Each type is stored with its source text.
    types: Vec<(String, Type)>,
}

impl Description {
    /// Creates the description of the type `name`, without any lines yet. `kind` is the first line of the text.
    pub(crate) fn new(name: String, kind: &str) -> Self {
        Self { name, text: kind.to_owned(), types: Vec::new() }
    }

    /// Adds a line, which consists of a mark and columns.
    fn line(&mut self, mark: char, columns: &[&str]) {
        self.text.push('\n');
        self.text.push(mark);
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                self.text.push('\t');
            }
            // Control characters separate columns and lines, so they are removed from the text of a column.
            self.text.extend(column.chars().filter(|character| !character.is_control()));
        }
    }

    /// Adds a retired event type: a name that is no longer pushed, but that stored events may still have. Its events
    /// are read as the variant that was added last, or as any variant if no variant was added yet. `payload` is `None`
    /// if the payload is still that of the variant.
    pub(crate) fn retired(&mut self, name: &str, payload: Option<&Type>) {
        match payload {
            Some(payload) => {
                let (text, shape) = self.ty(payload);
                self.line('<', &[name, &text, &shape]);
            }
            None => self.line('<', &[name]),
        }
    }

    pub(crate) fn aggregate_id(&mut self, ty: &Type) {
        self.type_line('#', ty);
    }

    pub(crate) fn metadata(&mut self, ty: &Type) {
        self.type_line('@', ty);
    }

    fn type_line(&mut self, mark: char, ty: &Type) {
        let (text, shape) = self.ty(ty);
        self.line(mark, &[&text, &shape]);
    }

    /// Returns the text of a type, and the index of its shape. For a plain type, whose shape follows from its name, the
    /// index is `*`.
    fn ty(&mut self, ty: &Type) -> (String, String) {
        let written = text::compact(ty.to_token_stream());
        if plain::is_plain(&written) {
            return (written, "*".to_owned());
        }
        let index = self.types.iter().position(|(seen, _)| *seen == written).unwrap_or_else(|| {
            self.types.push((written.clone(), ty.clone()));
            self.types.len() - 1
        });
        (written, index.to_string())
    }

    /// Returns whether the description contains types whose shapes the compiler looks up.
    pub(crate) fn has_types(&self) -> bool {
        !self.types.is_empty()
    }

    /// Generates the description as an expression:
    ///
    /// ```text
    /// ::castore::__private::Described::new("Pokemon", "…", &[::castore::__private::probe!(Team)])
    /// ```
    pub(crate) fn expand(&self, krate: &Krate) -> TokenStream {
        let (name, text) = (&self.name, &self.text);
        let shapes = self.types.iter().map(|(_, ty)| quote!(#krate::__private::probe!(#ty)));
        quote!(#krate::__private::Described::new(#name, #text, &[#(#shapes),*]))
    }

    /// Generates the import of the trait that provides an empty `SHAPE` for types without a shape. Returns `None` if no
    /// shapes are looked up.
    ///
    /// ```text
    /// #[allow(unused_imports)]
    /// use ::castore::__private::Unprobed as _;
    /// ```
    pub(crate) fn expand_import(&self, krate: &Krate) -> Option<TokenStream> {
        self.has_types().then(|| {
            quote! {
                #[allow(unused_imports)]
                use #krate::__private::Unprobed as _;
            }
        })
    }
}
