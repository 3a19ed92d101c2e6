//! Lines and blocks that letters draw, as rectangles: fonts leave gaps between them.

/// How wide a cell is, in pixels.
pub(super) const WIDTH: u16 = 9;

/// How high a cell is.
pub(super) const HEIGHT: u16 = 18;

/// A rectangle in a row: from the left of the row and the top of the cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) x: u16,
    pub(super) y: u16,
    pub(super) width: u16,
    pub(super) height: u16,
}

/// What a line from the middle of a cell to one of its sides is like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arm {
    None,
    Light,
    Heavy,
}

/// The arms of a letter: up, right, down, left.
fn arms(letter: char) -> Option<[Arm; 4]> {
    use Arm::{Heavy as H, Light as L, None as N};
    Some(match letter {
        '─' => [N, L, N, L],
        '━' => [N, H, N, H],
        '│' => [L, N, L, N],
        '┃' => [H, N, H, N],
        '┌' => [N, L, L, N],
        '┐' => [N, N, L, L],
        '└' => [L, L, N, N],
        '┘' => [L, N, N, L],
        '┏' => [N, H, H, N],
        '┓' => [N, N, H, H],
        '┗' => [H, H, N, N],
        '┛' => [H, N, N, H],
        '├' => [L, L, L, N],
        '┤' => [L, N, L, L],
        '┬' => [N, L, L, L],
        '┴' => [L, L, N, L],
        '┼' => [L, L, L, L],
        '┝' => [L, H, L, N],
        '┥' => [L, N, L, H],
        '┠' => [H, L, H, N],
        '┨' => [H, N, H, L],
        '┣' => [H, H, H, N],
        '┫' => [H, N, H, H],
        '┯' => [N, H, L, H],
        '┷' => [L, H, N, H],
        '┿' => [L, H, L, H],
        '╂' => [H, L, H, L],
        '╋' => [H, H, H, H],
        '╴' => [N, N, N, L],
        '╵' => [L, N, N, N],
        '╶' => [N, L, N, N],
        '╷' => [N, N, L, N],
        '╸' => [N, N, N, H],
        '╹' => [H, N, N, N],
        '╺' => [N, H, N, N],
        '╻' => [N, N, H, N],
        '╼' => [N, H, N, L],
        '╾' => [N, L, N, H],
        _ => return None,
    })
}

/// A line in pieces: how many, and how thick.
fn pieces(letter: char) -> Option<(u16, u16)> {
    Some(match letter {
        '╌' => (2, 1),
        '╍' => (2, 3),
        '┄' => (3, 1),
        '┅' => (3, 3),
        _ => return None,
    })
}

/// The rectangles of a letter whose cell begins at `x`, if it is a line or a block.
pub(super) fn bars(letter: char, x: u16) -> Option<Vec<Bar>> {
    if let Some(arms) = arms(letter) {
        return Some(lines(arms, x));
    }
    if let Some((count, thick)) = pieces(letter) {
        let step = WIDTH / count;
        let piece = |place| Bar {
            x: x + place * step,
            y: HEIGHT / 2 - thick / 2,
            width: step - 1,
            height: thick,
        };
        return Some((0..count).map(piece).collect());
    }
    if letter == '⏸' {
        // Few fonts have it.
        let half = |left| Bar { x: x + left, y: 5, width: 2, height: 9 };
        return Some(vec![half(2), half(6)]);
    }
    let (left, top, width, height) = match letter {
        '▁'..='█' => {
            let eighths = letter as u16 - '▁' as u16 + 1;
            let height = (HEIGHT * eighths).div_ceil(8);
            (0, HEIGHT - height, WIDTH, height)
        }
        '▉'..='▏' => {
            let eighths = 7 - (letter as u16 - '▉' as u16);
            (0, 0, (WIDTH * eighths).div_ceil(8), HEIGHT)
        }
        '▀' => (0, 0, WIDTH, HEIGHT / 2),
        '▐' => (WIDTH / 2, 0, WIDTH - WIDTH / 2, HEIGHT),
        '▔' => (0, 0, WIDTH, 2),
        '▕' => (WIDTH - 1, 0, 1, HEIGHT),
        _ => return None,
    };
    Some(vec![Bar { x: x + left, y: top, width, height }])
}

fn lines([up, right, down, left]: [Arm; 4], x: u16) -> Vec<Bar> {
    // Where a line of this thickness begins, and how thick it is.
    let across = |arm: Arm, middle: u16| match arm {
        Arm::None => None,
        Arm::Light => Some((middle, 1)),
        Arm::Heavy => Some((middle - 1, 3)),
    };
    let (middle_x, middle_y) = (WIDTH / 2, HEIGHT / 2);
    let mut bars = Vec::new();
    let mut put = |from_x: u16, from_y: u16, to_x: u16, to_y: u16| {
        bars.push(Bar { x: x + from_x, y: from_y, width: to_x - from_x, height: to_y - from_y });
    };
    if right == left && right != Arm::None {
        let (y, thick) = across(right, middle_y).expect("there is an arm");
        put(0, y, WIDTH, y + thick);
    } else {
        if let Some((y, thick)) = across(left, middle_y) {
            put(0, y, middle_x + 1 + thick / 2, y + thick);
        }
        if let Some((y, thick)) = across(right, middle_y) {
            put(middle_x - thick / 2, y, WIDTH, y + thick);
        }
    }
    if let Some((x, thick)) = across(up, middle_x) {
        put(x, 0, x + thick, middle_y + 1 + thick / 2);
    }
    if let Some((x, thick)) = across(down, middle_x) {
        put(x, middle_y - thick / 2, x + thick, HEIGHT);
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::signs::UNICODE;

    #[test]
    fn frames_meet_at_the_sides_of_their_cells() {
        for (letter, sides) in [('┌', "rd"), ('┛', "ul"), ('│', "ud"), ('━', "lr"), ('┿', "udlr")]
        {
            let bars = bars(letter, 9).expect("it is a line");
            let reaches = |side| {
                bars.iter().any(|bar| match side {
                    'u' => bar.y == 0,
                    'd' => bar.y + bar.height == HEIGHT,
                    'l' => bar.x == 9,
                    _ => bar.x + bar.width == 9 + WIDTH,
                })
            };
            for side in "udlr".chars() {
                assert_eq!(reaches(side), sides.contains(side), "{letter} {side}");
            }
        }
    }

    #[test]
    fn the_signs_of_frames_and_logs_are_drawn() {
        let frames = UNICODE.frame.iter().chain(&UNICODE.frame_focused);
        let logs = [UNICODE.log, UNICODE.uncommitted, UNICODE.earlier, UNICODE.high_watermark];
        let more = [UNICODE.end, UNICODE.batch, UNICODE.past, UNICODE.standing];
        for sign in frames.chain(&logs).chain(&more) {
            let letter = sign.chars().next().expect("a sign");
            assert!(bars(letter, 0).is_some_and(|bars| !bars.is_empty()), "{sign}");
        }
        assert_eq!(bars('★', 0), None);
    }

    #[test]
    fn blocks_fill_their_part_of_the_cell() {
        assert_eq!(bars('█', 0), Some(vec![Bar { x: 0, y: 0, width: 9, height: 18 }]));
        assert_eq!(bars('▄', 9), Some(vec![Bar { x: 9, y: 9, width: 9, height: 9 }]));
        assert_eq!(bars('▏', 0).map(|bars| bars[0].width), Some(2));
    }
}
