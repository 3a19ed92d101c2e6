//! The sentences of a language, by the id of their message.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use crate::explain::Lang;

/// All messages of one language.
pub(super) struct Catalogue(FluentBundle<FluentResource>);

static ENGLISH: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::parse("en", include_str!("en.ftl")));
static CHINESE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::parse("zh", include_str!("zh.ftl")));

impl Catalogue {
    /// That of `lang`.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &ENGLISH,
            Lang::Zh => &CHINESE,
        }
    }

    fn parse(code: &str, source: &str) -> Self {
        let resource = FluentResource::try_new(source.to_owned());
        let resource = resource.unwrap_or_else(|(_, errors)| panic!("{code}.ftl: {errors:?}"));
        let locale = code.parse().expect("en and zh are language codes");
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // Marks around what is filled in would show in terminals.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("no message is there twice");
        Self(bundle)
    }

    #[cfg(test)]
    /// True if there is a message called `id`.
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.get_message(id).is_some_and(|message| message.value().is_some())
    }

    /// The message called `id`, with `args` filled in. None if there is none.
    ///
    /// # Panics
    /// In debug builds, when the message asks for what is not in `args`.
    pub(super) fn format(&self, id: &str, args: &FluentArgs<'_>) -> Option<String> {
        let message = self.0.get_message(id)?;
        let pattern = message.value()?;
        let mut errors = Vec::new();
        let text = self.0.format_pattern(pattern, Some(args), &mut errors);
        debug_assert!(errors.is_empty(), "{id}: {errors:?}");
        Some(text.into_owned())
    }
}
