//! Where the names of points go in a picture, so that none lies on another.

/// Width of a letter and height of a line in the type of the labels, pixels.
const LETTER: i32 = 7;
const LINE: i32 = 14;

/// Between a point's middle and its label, pixels.
const GAP: i32 = 7;

/// A label is moved up or down by at most this many lines.
const FARTHEST: i32 = 12;

/// Left, top, right, bottom.
type Frame = [i32; 4];

/// The left end of each label's middle line: right of its point, or left of it, on the nearest line that is free.
pub fn places(points: &[((i32, i32), &str)]) -> Vec<(i32, i32)> {
    let mut taken: Vec<Frame> = points.iter().map(|((x, y), _)| [x - 4, y - 4, x + 4, y + 4]).collect();
    let place = |((x, y), name): &((i32, i32), &str)| {
        let width = LETTER * name.chars().count() as i32;
        let lines = (0..=FARTHEST).flat_map(|line| [line, -line]);
        let sides = lines.flat_map(|line| [(x + GAP, y + line * LINE), (x - GAP - width, y + line * LINE)]);
        let frame = |(left, middle): (i32, i32)| [left, middle - LINE / 2, left + width, middle + LINE / 2];
        let free = |at: &(i32, i32)| !taken.iter().any(|other| overlap(&frame(*at), other));
        let at = sides.clone().find(free).unwrap_or((x + GAP, *y));
        taken.push(frame(at));
        at
    };
    points.iter().map(place).collect()
}

fn overlap([left, top, right, bottom]: &Frame, other: &Frame) -> bool {
    left < &other[2] && &other[0] < right && top < &other[3] && &other[1] < bottom
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_points_side_by_side_do_not_meet() {
        let points: Vec<_> = (0..9).map(|index| ((100 + 5 * index, 200 + index % 2), "watch-16x2")).collect();
        let frames: Vec<_> =
            places(&points).into_iter().map(|(x, y)| [x, y - LINE / 2, x + 70, y + LINE / 2]).collect();
        for (index, frame) in frames.iter().enumerate() {
            assert!(!frames[..index].iter().any(|other| overlap(frame, other)), "{index}: {frames:?}");
        }
    }

    #[test]
    fn a_label_alone_is_right_of_its_point() {
        assert_eq!(places(&[((30, 40), "a")]), [(37, 40)]);
    }
}
