//! What members and leaders of groups write for each other.

pub mod assignment;
pub mod sticky_user_data;
pub mod subscription;
