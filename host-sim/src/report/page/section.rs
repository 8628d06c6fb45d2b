//! A part of a page.

use maud::{Markup, html};

/// A part of a page under a heading of its own.
pub struct Section {
    id: String,
    title: String,
    body: Markup,
}

impl Section {
    /// `id` is what a link names.
    pub fn new(id: impl Into<String>, title: impl Into<String>, body: Markup) -> Self {
        Self { id: id.into(), title: title.into(), body }
    }

    /// The whole of it.
    pub fn markup(&self) -> Markup {
        let Self { id, title, body } = self;
        html! {
            section id=(id) {
                h2 { (title) }
                (body)
            }
        }
    }

    /// A link to it.
    pub fn link(&self) -> Markup {
        html! { a href={ "#" (self.id) } { (self.title) } }
    }
}
