//! A file's contents: a rope of immutable blocks, shared by every clone and every replica.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::sim::CowList;

/// What a file may hold besides plain bytes: a value that is bytes to everybody who asks.
pub trait Content: Clone {
    /// Its length in bytes.
    fn len(&self) -> u64;
    /// True when it is no byte long.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Its bytes.
    fn to_bytes(&self) -> Bytes;
}

/// One piece of a file.
#[derive(Clone, Debug)]
pub enum Block<C> {
    /// Small appends gathered, up to 4 KiB.
    Gathered(Arc<Vec<u8>>),
    /// Plain bytes. Few blocks are, so that they need not lie in the piece.
    Bytes(Arc<Bytes>),
    /// A value with its own form in memory.
    Content(C),
}

/// A gathered block takes no more appends from this length on, in bytes.
const GATHERED_MAX: usize = 4096;

/// So many pieces are looked at one by one before all are searched.
const NEAR_THE_END: usize = 8;
/// Among more pieces than this nothing is searched that an index should have found.
const MANY: usize = 64;

impl<C: Content> Block<C> {
    /// A block of plain bytes.
    pub fn plain(bytes: impl Into<Bytes>) -> Self {
        Self::Bytes(Arc::new(bytes.into()))
    }

    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Gathered(bytes) => bytes.len() as u64,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Content(content) => content.len(),
        }
    }

    /// True when it holds no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its bytes where they lie, unless it is a value.
    pub fn as_slice(&self) -> Option<&[u8]> {
        match self {
            Self::Gathered(bytes) => Some(bytes),
            Self::Bytes(bytes) => Some(bytes),
            Self::Content(_) => None,
        }
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Gathered(bytes) => Bytes::copy_from_slice(bytes),
            Self::Bytes(bytes) => Bytes::clone(bytes),
            Self::Content(content) => content.to_bytes(),
        }
    }
}

#[derive(Clone, Debug)]
struct Piece<C> {
    /// The position after its last byte.
    end: u64,
    block: Block<C>,
}

/// The contents of a file.
#[derive(Clone, Debug)]
pub struct Rope<C> {
    pieces: CowList<Piece<C>>,
}

impl<C> Default for Rope<C> {
    fn default() -> Self {
        Self { pieces: CowList::default() }
    }
}

impl<C: Content> Rope<C> {
    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        self.pieces.last().map_or(0, |piece| piece.end)
    }

    /// True when it holds no byte.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Adds `block` at the end.
    pub fn push(&mut self, block: Block<C>) {
        if !block.is_empty() {
            let end = self.len() + block.len();
            self.pieces.push(Piece { end, block });
        }
    }

    /// Adds `blocks` at the end. Returns how many bytes they are.
    pub fn extend(&mut self, blocks: impl Iterator<Item = Block<C>>) -> u64 {
        let before = self.len();
        let mut end = before;
        let blocks = blocks.filter(|block| !block.is_empty());
        self.pieces.extend(blocks.map(|block| {
            end += block.len();
            Piece { end, block }
        }));
        end - before
    }

    /// Adds a few bytes at the end, gathered with their neighbours.
    pub fn push_small(&mut self, bytes: &[u8]) {
        if let Some(Piece { end, block: Block::Gathered(gathered) }) = self.pieces.last_mut()
            && gathered.len() + bytes.len() <= GATHERED_MAX
        {
            Arc::make_mut(gathered).extend_from_slice(bytes);
            *end += bytes.len() as u64;
        } else {
            self.push(Block::Gathered(Arc::new(bytes.to_vec())));
        }
    }

    /// Keeps the first `len` bytes. A block that is cut becomes plain bytes.
    pub fn truncate(&mut self, len: u64) {
        let keep = self.pieces.partition_point(|piece| piece.end <= len);
        let start = self.start_of(keep);
        let cut = self.pieces.get(keep).filter(|_| start < len).map(|piece| piece.block.to_bytes());
        self.pieces.truncate(keep);
        if let Some(bytes) = cut {
            self.push(Block::plain(bytes.slice(..(len - start) as usize)));
        }
    }

    /// Replaces `bytes.len()` bytes from `position` on.
    ///
    /// # Panics
    /// When they reach past the end.
    pub fn overwrite(&mut self, position: u64, bytes: &[u8]) {
        let end = position + bytes.len() as u64;
        assert!(end <= self.len(), "an overwrite stays inside the file");
        let first = self.pieces.partition_point(|piece| piece.end <= position);
        for index in first..self.pieces.len() {
            let start = self.start_of(index);
            if start >= end {
                break;
            }
            let piece = &mut self.pieces[index];
            let (from, to) = (position.max(start), end.min(piece.end));
            let mut changed = piece.block.to_bytes().to_vec();
            changed[(from - start) as usize..(to - start) as usize]
                .copy_from_slice(&bytes[(from - position) as usize..(to - position) as usize]);
            piece.block = Block::plain(changed);
        }
    }

    /// The block that begins at or contains `position`, with where it begins; then the ones after.
    pub fn blocks_from(&self, position: u64) -> impl Iterator<Item = (u64, &Block<C>)> {
        let first = self.first_after(position);
        let mut start = self.start_of(first);
        self.pieces.iter_from(first).map(move |piece| {
            let begin = std::mem::replace(&mut start, piece.end);
            (begin, &piece.block)
        })
    }

    /// The last block of those at the start for all of which `holds`, with where it begins.
    pub fn last_block_while(
        &self,
        mut holds: impl FnMut(&Block<C>) -> bool,
    ) -> Option<(u64, &Block<C>)> {
        let index = self.pieces.partition_point(|piece| holds(&piece.block)).checked_sub(1)?;
        Some((self.start_of(index), &self.pieces[index].block))
    }

    /// The last block that ends at or before `position`, with where it begins; then the ones before
    /// it, last first.
    pub fn blocks_back(&self, position: u64) -> impl Iterator<Item = (u64, &Block<C>)> {
        let count = self.first_after(position);
        (0..count).rev().map(|index| (self.start_of(index), &self.pieces[index].block))
    }

    /// Of the values that lie from `position` to the end, in the order of what they say, the first that
    /// is not `before` what is looked for, with where it begins. None if no value is that, if they are
    /// many, or if plain bytes lie among them.
    pub fn search(&self, position: u64, before: impl Fn(&C) -> bool) -> Option<(u64, &C)> {
        let len = self.pieces.len();
        let value = |index: usize| match &self.pieces[index].block {
            Block::Content(content) => Some(content),
            Block::Gathered(_) | Block::Bytes(_) => None,
        };
        let mut low = len;
        while self.start_of(low) > position {
            low -= 1;
            value(low)?;
            if len - low > MANY {
                return None;
            }
        }
        if self.start_of(low) < position {
            return None;
        }
        let mut high = len;
        while low < high {
            let middle = usize::midpoint(low, high);
            if before(value(middle)?) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low < len { value(low).map(|value| (self.start_of(low), value)) } else { None }
    }

    /// The bytes `from..to`, or as many of them as there are.
    pub fn read(&self, from: u64, to: u64) -> Bytes {
        let to = to.min(self.len());
        if from >= to {
            return Bytes::new();
        }
        let mut joined = BytesMut::new();
        for (start, block) in self.blocks_from(from) {
            if start >= to {
                break;
            }
            let (begin, end) = (from.max(start) - start, to.min(start + block.len()) - start);
            if let Block::Gathered(bytes) = block {
                joined.extend_from_slice(&bytes[begin as usize..end as usize]);
                continue;
            }
            let slice = block.to_bytes().slice(begin as usize..end as usize);
            if start <= from && start + block.len() >= to {
                return slice;
            }
            joined.extend_from_slice(&slice);
        }
        joined.freeze()
    }

    /// Copies the bytes from `position` on into `buffer`, without allocating where the block is
    /// plain. Returns false when there are not enough.
    pub fn read_into(&self, position: u64, buffer: &mut [u8]) -> bool {
        let end = position + buffer.len() as u64;
        if end > self.len() {
            return false;
        }
        for (start, block) in self.blocks_from(position) {
            if start >= end {
                break;
            }
            let (from, to) = (position.max(start), end.min(start + block.len()));
            let target = &mut buffer[(from - position) as usize..(to - position) as usize];
            let range = (from - start) as usize..(to - start) as usize;
            match block {
                Block::Gathered(bytes) => target.copy_from_slice(&bytes[range]),
                Block::Bytes(bytes) => target.copy_from_slice(&bytes[range]),
                Block::Content(content) => target.copy_from_slice(&content.to_bytes()[range]),
            }
        }
        true
    }

    /// The index of the first piece that ends after `position`: most often it is one of the last.
    fn first_after(&self, position: u64) -> usize {
        let len = self.pieces.len();
        let mut last = len;
        while last > 0 && self.pieces[last - 1].end > position {
            last -= 1;
            if len - last > NEAR_THE_END {
                return self.pieces.partition_point(|piece| piece.end <= position);
            }
        }
        last
    }

    fn start_of(&self, index: usize) -> u64 {
        if index == 0 { 0 } else { self.pieces[index - 1].end }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    struct Word(Bytes);

    impl Content for Word {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        fn to_bytes(&self) -> Bytes {
            self.0.clone()
        }
    }

    proptest! {
        #[test]
        fn a_rope_is_a_vector_of_bytes(ops in prop::collection::vec((0..5_u8, 0..40_u64, any::<u8>()), 1..60)) {
            let mut rope: Rope<Word> = Rope::default();
            let mut model: Vec<u8> = Vec::new();
            for (op, size, fill) in ops {
                let bytes = vec![fill; size as usize];
                match op {
                    0 => { rope.push(Block::plain(bytes.clone())); model.extend(bytes); }
                    1 => { rope.extend(std::iter::repeat_n(Block::Content(Word(bytes.clone().into())), 3)); model.extend(bytes.repeat(3)); }
                    2 => { rope.push_small(&bytes); model.extend(bytes); }
                    3 => {
                        let len = size.min(model.len() as u64) * 3 / 4;
                        rope.truncate(model.len() as u64 - len);
                        model.truncate(model.len() - len as usize);
                    }
                    _ => {
                        let at = (fill as usize).min(model.len());
                        let end = (at + bytes.len()).min(model.len());
                        rope.overwrite(at as u64, &bytes[..end - at]);
                        model[at..end].copy_from_slice(&bytes[..end - at]);
                    }
                }
                prop_assert_eq!(rope.len(), model.len() as u64);
                prop_assert_eq!(&rope.read(0, u64::MAX)[..], &model[..]);
                let (from, to) = (model.len() / 3, model.len() * 2 / 3);
                prop_assert_eq!(&rope.read(from as u64, to as u64)[..], &model[from..to]);
                let mut forth: Vec<_> = rope.blocks_from(0).map(|(at, block)| (at, block.len())).collect();
                forth.retain(|(at, len)| at + len <= to as u64);
                forth.reverse();
                let back: Vec<_> = rope.blocks_back(to as u64).map(|(at, block)| (at, block.len())).collect();
                prop_assert_eq!(back, forth);
                let mut buffer = vec![0; to - from];
                prop_assert!(rope.read_into(from as u64, &mut buffer));
                prop_assert_eq!(&buffer[..], &model[from..to]);
            }
        }
    }

    #[test]
    fn a_value_is_found_among_those_after_a_position() {
        for count in [1_u8, 2, 3, 31, 60] {
            let mut rope: Rope<Word> = Rope::default();
            rope.push(Block::plain(vec![0; 5]));
            rope.extend((0..count).map(|number| Block::Content(Word(vec![number; 10].into()))));
            for (wanted, from) in (0..=count).flat_map(|wanted| [(wanted, 0), (wanted, count / 2)])
            {
                let before = |word: &Word| word.0[0] < wanted;
                let position = 5 + 10 * u64::from(from);
                let found = rope.search(position, before).map(|(at, _)| at);
                let first = 5 + 10 * u64::from(wanted.max(from));
                assert_eq!(found, (wanted < count).then_some(first), "{wanted} of {count}");
                assert!(
                    rope.search(position - 1, before).is_none(),
                    "inside a value, or plain bytes"
                );
            }
        }
    }
}
