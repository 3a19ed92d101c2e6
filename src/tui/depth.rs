//! Colours for terminals with 256 of them: the nearest of the 6×6×6 cube and the greys.

use ratatui::buffer::Buffer;
use ratatui::style::Color;

/// The steps of the cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// Puts the nearest of 256 colours in the place of every other.
pub(super) fn apply(buf: &mut Buffer) {
    for cell in &mut buf.content {
        (cell.fg, cell.bg) = (nearest(cell.fg), nearest(cell.bg));
    }
}

fn nearest(color: Color) -> Color {
    let Color::Rgb(red, green, blue) = color else { return color };
    let wanted = [red, green, blue];
    let steps = wanted.map(|part| {
        (0..6u8).min_by_key(|step| STEPS[usize::from(*step)].abs_diff(part)).unwrap_or(0)
    });
    let cube = steps.map(|step| STEPS[usize::from(step)]);
    let mean = (u16::from(red) + u16::from(green) + u16::from(blue)) / 3;
    let grey = (mean.saturating_sub(3) / 10).min(23) as u8;
    let level = 8 + 10 * grey;
    let far = |other: [u8; 3]| -> u32 {
        wanted.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
    };
    Color::Indexed(if far([level; 3]) < far(cube) {
        232 + grey
    } else {
        16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_colour_is_taken() {
        assert_eq!(nearest(Color::Rgb(255, 255, 255)), Color::Indexed(231));
        assert_eq!(nearest(Color::Rgb(0x10, 0x15, 0x1c)), Color::Indexed(233));
        assert_eq!(nearest(Color::Rgb(0xe6, 0x9f, 0x00)), Color::Indexed(178));
        assert_eq!(nearest(Color::Reset), Color::Reset);
        assert_eq!(nearest(Color::Red), Color::Red);
    }
}
