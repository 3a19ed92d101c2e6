//! A run in a line of text: scenario, seed, and what was done live.
//!
//! `ks1.broker-down.` and letters that can stand in an address: whoever has the same version gets the
//! same trace. A scenario that comes with the program is meant by its name, and by a checksum of its
//! text, which tells that another version has another text; any other is in the code whole. The number
//! behind `ks` is that of the layout; the last four bytes are a checksum of everything before.

mod letters;
mod squeeze;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letters::{bytes_of, letters_of, put_number, take_number};
use squeeze::{squeeze, stretch};

use super::diagnostic::Source;
use super::load::{Loaded, load};
use super::save::{Recorded, save};
use super::{library, limits};
use crate::ids::Name;
use crate::protocol::crc32c;
use crate::sim::Instant;

/// A run that can be told to somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The scenario's file.
    pub source: Source,
    /// Another seed than the file's.
    pub seed: Option<u64>,
    /// Which of the file's runs, from 0, if it describes several.
    pub run: Option<usize>,
    /// What was done live.
    pub done: Vec<Recorded>,
}

/// What became of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The run.
    pub shared: Shared,
    /// The scenario had another text where the code was made: the run may be another one.
    pub is_other: bool,
}

/// Why a code cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// It does not look like one.
    #[error("a share code looks like ks1.broker-down.…, as `run --share` prints it")]
    NoCode,
    /// It was made by a later version.
    #[error(
        "this share code was made by a later version of kafkascope (ks{0}); this one reads ks1"
    )]
    Later(u64),
    /// Letters were changed or are missing.
    #[error(
        "this share code is damaged: a letter was changed, or its end is missing; copy it again"
    )]
    Damaged,
    /// It is whole and says what this version does not know.
    #[error("this share code says something that this version of kafkascope does not know")]
    Unknown,
    /// The scenario came with another version.
    #[error(
        "this share code is for the scenario `{0}`, which this version of kafkascope does not have"
    )]
    NoScenario(String),
}

/// What every code begins with; a number and a dot follow.
const SIGN: &str = "ks";

/// The layout that is written.
const VERSION: u64 = 1;

/// The text of the scenario is in the code.
const WHOLE: u8 = 1;

/// There is a seed.
const SEED: u8 = 2;

/// There is the number of a run.
const RUN: u8 = 4;

/// How many letters of a name are kept.
const NAME: usize = 40;

/// What stands between texts: no scenario and no command has it.
const BETWEEN: char = '\0';

/// True for what is meant as a share code.
pub fn is_code(text: &str) -> bool {
    version_of(text.trim_start()).is_some()
}

/// The version that a code begins with, and what follows.
fn version_of(text: &str) -> Option<(u64, &str)> {
    let (version, rest) = text.strip_prefix(SIGN)?.split_once('.')?;
    let is_number = !version.is_empty() && version.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| (version.parse().unwrap_or(u64::MAX), rest))
}

/// A code as terminals take it for their clipboard (OSC 52): base64.
pub fn base64(code: &str) -> String {
    STANDARD.encode(code)
}

/// The name of a scenario in letters that a code can have.
fn name_of(source: &Source) -> String {
    let file = source.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.strip_suffix(".toml").unwrap_or(file);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let letters = stem.chars().map(|letter| if plain(letter) { letter } else { '-' });
    let name: String = letters.take(NAME).collect();
    if name.is_empty() { "mine".to_owned() } else { name }
}

/// The checksum at the end of a code.
fn checksum(name: &str, body: &[u8]) -> [u8; 4] {
    crc32c(&[name.as_bytes(), &[0], body].concat()).to_le_bytes()
}

impl Shared {
    /// The run as a code.
    pub fn code(&self) -> String {
        let name = name_of(&self.source);
        let built_in =
            library::find(&name).is_some_and(|built_in| built_in.text == self.source.text);
        let mut body = Vec::new();
        let flag = |flag, is_set| if is_set { flag } else { 0 };
        body.push(
            flag(WHOLE, !built_in)
                | flag(SEED, self.seed.is_some())
                | flag(RUN, self.run.is_some()),
        );
        if built_in {
            body.extend_from_slice(&crc32c(self.source.text.as_bytes()).to_le_bytes());
        }
        let run = self.run.map(|run| run as u64);
        for number in self.seed.into_iter().chain(run) {
            put_number(&mut body, number);
        }
        put_number(&mut body, self.done.len() as u64);
        let mut before = Instant::ZERO;
        for recorded in &self.done {
            // They come in the order in which they were typed.
            put_number(&mut body, recorded.at.since(before).as_nanos());
            before = recorded.at;
        }
        let text = (!built_in).then_some(&*self.source.text);
        let lines = self.done.iter().map(|recorded| &*recorded.line);
        let texts: Vec<&str> = text.into_iter().chain(lines).collect();
        let texts = texts.join(&BETWEEN.to_string());
        put_number(&mut body, texts.len() as u64);
        if !texts.is_empty() {
            body.extend(squeeze(texts.as_bytes()));
        }
        body.extend(checksum(&name, &body));
        format!("{SIGN}{VERSION}.{name}.{}", letters_of(&body))
    }

    /// Reads a code. Blanks in it, as mails and terminals put them there, mean nothing.
    ///
    /// # Errors
    /// When it is none, is damaged, or was made by another version.
    pub fn read(code: &str) -> Result<Received, ShareError> {
        let code: String = code.split_whitespace().collect();
        let (version, rest) = version_of(&code).ok_or(ShareError::NoCode)?;
        if version != VERSION {
            return Err(ShareError::Later(version));
        }
        let (name, letters) = rest.split_once('.').ok_or(ShareError::Damaged)?;
        let bytes = bytes_of(letters).ok_or(ShareError::Damaged)?;
        let (body, sum) = bytes.split_last_chunk::<4>().ok_or(ShareError::Damaged)?;
        if *sum != checksum(name, body) {
            return Err(ShareError::Damaged);
        }
        let body = Body::read(body).ok_or(ShareError::Unknown)?;
        let (source, is_other) = match body.text {
            Origin::Whole(text) => (Source { name: format!("{name}.toml"), text }, false),
            Origin::BuiltIn(sum) => {
                let source =
                    library::find(name).ok_or_else(|| ShareError::NoScenario(name.to_owned()))?;
                let is_other = crc32c(source.text.as_bytes()) != sum;
                (source, is_other)
            }
        };
        let shared = Self { source, seed: body.seed, run: body.run, done: body.done };
        Ok(Received { shared, is_other })
    }

    /// The scenario that does by itself what was done live, and what becomes of it: of several runs
    /// only the one that is meant, with the seed that is meant.
    pub fn load(&self) -> (Source, Loaded) {
        let text = save(&self.source.text, &self.done);
        let source = Source { name: self.source.name.clone(), text };
        let mut loaded = load(&source);
        self.choose(&mut loaded);
        (source, loaded)
    }

    /// Leaves of the runs of a file the one that is meant, with the seed that is meant.
    fn choose(&self, loaded: &mut Loaded) {
        if let Some(run) = self.run.filter(|run| *run < loaded.runs.len()) {
            loaded.runs = vec![loaded.runs.swap_remove(run)];
            // One run is compared with none.
            loaded.comparison = None;
        }
        if let Some(seed) = self.seed {
            for run in &mut loaded.runs {
                run.scenario.seed = seed;
            }
        }
    }
}

/// Where the text of the scenario is.
enum Origin {
    Whole(String),
    /// The checksum that it had.
    BuiltIn(u32),
}

/// What lies between the name and the checksum.
struct Body {
    text: Origin,
    seed: Option<u64>,
    run: Option<usize>,
    done: Vec<Recorded>,
}

impl Body {
    /// None for what no code of this version has.
    fn read(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let (flags, rest) = bytes.split_first()?;
        *bytes = rest;
        if flags & !(WHOLE | SEED | RUN) != 0 {
            return None;
        }
        let built_in = if flags & WHOLE == 0 {
            let (sum, rest) = bytes.split_first_chunk::<4>()?;
            *bytes = rest;
            Some(u32::from_le_bytes(*sum))
        } else {
            None
        };
        let has = |flag: u8| (flags & flag != 0).then_some(());
        let seed = has(SEED).map(|()| take_number(bytes).ok_or(())).transpose().ok()?;
        let run = has(RUN).map(|()| take_number(bytes).ok_or(())).transpose().ok()?;
        let count = take_number(bytes)?;
        let (mut moments, mut before) = (Vec::new(), 0u64);
        for _ in 0..count {
            before = before.checked_add(take_number(bytes)?)?;
            moments.push(Instant::from_nanos(before));
        }
        let len = usize::try_from(take_number(bytes)?).ok()?;
        if len > 2 * limits::FILE_BYTES {
            return None;
        }
        let texts = if len == 0 { Vec::new() } else { stretch(bytes, len)? };
        let texts = String::from_utf8(texts).ok()?;
        let mut texts = texts.split(BETWEEN);
        let text = match built_in {
            Some(sum) => Origin::BuiltIn(sum),
            None => Origin::Whole(texts.next()?.to_owned()),
        };
        let lines: Vec<Name> = texts.filter(|line| !line.is_empty()).map(Name::from).collect();
        if lines.len() != moments.len() {
            return None;
        }
        let done = moments.into_iter().zip(lines).map(|(at, line)| Recorded { at, line }).collect();
        Some(Self { text, seed, run: run.map(|run| run as usize), done })
    }
}

#[cfg(test)]
mod tests;
