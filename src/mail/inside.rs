//! What is inside an HTML part that leads or shows something: links and pictures.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, StartTag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// Where an HTML part leads, and what it shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside {
    /// The addresses of its links, each once, in order. That of a personal link is its slot's marker.
    pub links: Vec<String>,
    /// Its pictures.
    pub pictures: Vec<Picture>,
}

/// A picture in an HTML part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Where it is.
    pub address: String,
    /// What is shown to those who do not see it; none where nothing says so.
    pub alternative: Option<String>,
}

/// Looks into an HTML part.
pub fn look(html: &str) -> Inside {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    // Nothing here stops at a script.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

#[derive(Default)]
struct Sink(RefCell<Inside>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let TagToken(tag) = token else {
            return TokenSinkResult::Continue;
        };
        if tag.kind != StartTag {
            return TokenSinkResult::Continue;
        }
        let attribute = |name: &str| {
            let found = tag.attrs.iter().find(|found| &*found.name.local == name);
            found.map(|found| found.value.trim().to_owned())
        };
        let mut inside = self.0.borrow_mut();
        match &*tag.name {
            "a" | "area" => {
                if let Some(address) = attribute("href").filter(|href| !inside.links.contains(href))
                {
                    inside.links.push(address);
                }
            }
            "img" => inside.pictures.push(Picture {
                address: attribute("src").unwrap_or_default(),
                alternative: attribute("alt"),
            }),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_pictures_are_found_whatever_stands_around_them() {
        let inside = look(
            "<!doctype html><!--[if mso]><a href='https://outlook.example'>x</a><![endif]--><style>a[href='y']{}</style>\
             <p>a < b <A title='>' HREF=' https://a.example/?x=1&amp;y=2 '>a</A><a name=top>top</a>\
             <a href='https://a.example/?x=1&y=2'>again</a><img src=/i.png alt=''><img src='j.png'>",
        );
        assert_eq!(inside.links, ["https://a.example/?x=1&y=2"]);
        let alternatives = inside.pictures.iter();
        let alternatives: Vec<_> = alternatives
            .map(|picture| (picture.address.as_str(), picture.alternative.as_deref()))
            .collect();
        assert_eq!(alternatives, [("/i.png", Some("")), ("j.png", None)]);
    }
}
