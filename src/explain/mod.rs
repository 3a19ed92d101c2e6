//! What happened, why, and what the words mean: in English and Chinese.
//!
//! A [`Narrator`] makes a sentence of a fact. A [`StoryBuilder`] picks the facts that people want to
//! read and puts those that belong together into one line. [`why`] walks from an event to what caused
//! it. [`cards`] say what a word of Kafka's means and by which rule Kafka decides.
//!
//! All of it reads facts, events and settings, and never looks into a node.

pub mod cards;
pub mod contrast;
mod lang;
mod narrator;
mod story;
pub mod why;
mod world;

pub use lang::Lang;
pub use narrator::{Narrator, clock};
pub use story::{
    Channel, Importance, LinkChange, PartitionState, PartitionStep, Shown, Story, StoryBuilder,
    StoryLine, Words, importance, is_story,
};
pub use world::World;
