//! The table: one row per goal, and how both sides of a ratio are measured.

/// What a row has to reach.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// At most the first, if possible at most the second.
    AtMost(f64, f64),
    /// At least the first, if possible at least the second.
    AtLeast(f64, f64),
    /// It is only shown; if possible at most this.
    Shown(f64),
}

impl Goal {
    fn text(self) -> String {
        match self {
            Self::AtMost(goal, stretch) => format!("<= {goal} [{stretch}]"),
            Self::AtLeast(goal, stretch) => format!(">= {goal} [{stretch}]"),
            Self::Shown(stretch) if stretch.is_finite() => format!("[<= {stretch}]"),
            Self::Shown(_) => String::new(),
        }
    }

    fn verdict(self, value: f64) -> &'static str {
        let (goal, stretch) = match self {
            Self::AtMost(goal, stretch) => (value <= goal, value <= stretch),
            Self::AtLeast(goal, stretch) => (value >= goal, value >= stretch),
            Self::Shown(stretch) if stretch.is_finite() && value <= stretch => return "yes+",
            Self::Shown(_) => return "-",
        };
        match (goal, stretch) {
            (true, true) => "yes+",
            (true, false) => "yes",
            (false, _) => "NO",
        }
    }
}

/// One line of the table.
pub(crate) struct Row {
    /// The goal's number and what was measured.
    pub(crate) name: String,
    /// What the ratio has to be.
    pub(crate) goal: Goal,
    /// The floor, with its unit.
    pub(crate) floor: String,
    /// Ours, with its unit.
    pub(crate) ours: String,
    /// Ours against the floor.
    pub(crate) ratio: f64,
    /// What the reader should know.
    pub(crate) note: String,
}

impl Row {
    /// A row whose goal is no ratio: a value with its unit.
    pub(crate) fn absolute(
        name: String,
        goal: Goal,
        (value, unit): (f64, &str),
        note: String,
    ) -> Self {
        let ours = format!("{value:.2} {unit}");
        Self { name, goal, floor: "-".into(), ours, ratio: value, note }
    }

    /// Prints the heads of the columns.
    pub(crate) fn print_heads() {
        println!("{}", line("row", "must [goal]", "floor", "ours", "ratio", "ok", ""));
    }

    /// Prints the row. False if its goal was missed.
    pub(crate) fn print(&self) -> bool {
        let verdict = self.goal.verdict(self.ratio);
        let ratio = if self.floor == "-" { "-".to_owned() } else { format!("{:.3}", self.ratio) };
        let goal = self.goal.text();
        println!(
            "{}",
            line(&self.name, &goal, &self.floor, &self.ours, &ratio, verdict, &self.note)
        );
        verdict != "NO"
    }
}

fn line(
    name: &str,
    goal: &str,
    floor: &str,
    ours: &str,
    ratio: &str,
    verdict: &str,
    note: &str,
) -> String {
    let columns =
        format!("{name:<34} {goal:<16} {floor:>14} {ours:>14} {ratio:>8}  {verdict:<4} {note}");
    columns.trim_end().to_owned()
}

/// Two things measured in turns, so that what the machine does meanwhile meets both.
pub(crate) struct Paired {
    /// The median of the floor.
    pub(crate) floor: f64,
    /// Our median.
    pub(crate) ours: f64,
    /// The median of the ratios of neighbours.
    pub(crate) ratio: f64,
}

impl Paired {
    /// `rounds` times one after the other, each returning its measure.
    pub(crate) fn measure(
        rounds: usize,
        mut floor: impl FnMut() -> f64,
        mut ours: impl FnMut() -> f64,
    ) -> Self {
        let pairs: Vec<(f64, f64)> = (0..rounds).map(|_| (floor(), ours())).collect();
        Self {
            floor: median(pairs.iter().map(|pair| pair.0).collect()),
            ours: median(pairs.iter().map(|pair| pair.1).collect()),
            ratio: median(pairs.iter().map(|pair| pair.1 / pair.0).collect()),
        }
    }
}

/// The middle one; of an even number the lower.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() - 1) / 2]
}
