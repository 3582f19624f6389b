//! Where everything stands, and the ways of the lines.
//!
//! Between two rows is a channel with a track for each line that turns there; beside the rows are lanes for lines that
//! pass rows by. Lines leave at the side they lead to: downwards ones pass on the left, upwards ones on the right.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::arrange::{Area, Arranged, BOX_GAP, BOX_PADDING, CARD_GAP, CARD_HEIGHT, Frame, PORT_GAP};
use super::bundle::Bundle;
use super::{Stop, write};

const TRACK: i32 = 17;
const CHANNEL_PADDING: i32 = 19;
const EMPTY_CHANNEL: i32 = 24;
const LANE: i32 = 12;
const GUTTER: i32 = 16;

/// A rectangle; its left and its top are as in the drawing's own corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

/// Everything with its place.
#[derive(Debug, Default)]
pub struct Routed {
    pub width: i32,
    pub height: i32,
    pub cards: Vec<(usize, Rect)>,
    pub boxes: Vec<(Frame, i32, Rect)>,
    /// For each line its way and its label.
    pub ways: Vec<Way>,
}

/// The way of a line.
#[derive(Clone, Debug, Default)]
pub struct Way {
    pub points: Vec<(i32, i32)>,
    pub label: Label,
}

/// Where the ports of a line are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Label {
    pub x: i32,
    pub y: i32,
    pub anchor: Anchor,
}

/// Which end of a text is at its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    #[default]
    Start,
    End,
}

/// A stop before rows have heights.
#[derive(Clone, Copy, Debug)]
struct Slot {
    row: usize,
    /// Where lines may end.
    x: i32,
    width: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Top,
    Bottom,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gutter {
    Left,
    Right,
}

/// Which channels and gutter a line takes.
#[derive(Clone, Copy, Debug)]
struct Plan {
    exit: (Side, usize),
    entry: (Side, usize),
    gutter: Option<Gutter>,
    /// Where it leaves and arrives.
    x: (i32, i32),
}

pub fn route(arranged: &Arranged, lines: &[Bundle]) -> Routed {
    let width = arranged.rows.iter().map(|row| row_width(row, arranged.card_width)).max().unwrap_or(0);
    let slots = slots(arranged, width);
    let mut plans: Vec<Option<Plan>> = lines.iter().map(|line| plan(&slots, line)).collect();
    ports(&slots, lines, &mut plans);
    let tracks = tracks(arranged.rows.len() + 1, lines, &plans, width);
    let (tops, channels, height) = heights(arranged, &tracks);
    let mut grid = Grid { arranged, slots, tracks, tops, channels, width, left: 0 };
    let passing = lanes(&plans, &grid);
    let gutter = |gutter| {
        let taken = passing.iter().flatten().filter(|(of, _)| *of == gutter).map(|(_, nth)| nth + 1).max();
        taken.map_or(0, |count| GUTTER + LANE * i32::try_from(count).unwrap_or(0))
    };
    grid.left = gutter(Gutter::Left);
    let mut routed = Routed { width: grid.left + width + gutter(Gutter::Right), height, ..Routed::default() };
    place(&grid, &mut routed);
    let ways = lines.iter().zip(plans).zip(passing).enumerate();
    routed.ways = ways
        .map(|(place, ((line, plan), by))| plan.and_then(|plan| grid.way(place, line, plan, by)).unwrap_or_default())
        .collect();
    let labels = routed.ways.iter().zip(lines).map(|(way, line)| way.label.right(label_width(line)));
    routed.width = labels.fold(routed.width, i32::max);
    routed
}

/// Everything that is known of where things are.
struct Grid<'a> {
    arranged: &'a Arranged,
    slots: BTreeMap<Stop, Slot>,
    tracks: Tracks,
    /// Of each row.
    tops: Vec<i32>,
    /// The top of each channel.
    channels: Vec<i32>,
    /// Of the rows, without what is beside them.
    width: i32,
    /// Where the rows begin.
    left: i32,
}

impl Grid<'_> {
    /// Where a part of a line turns in a channel.
    fn turn(&self, place: usize, channel: usize, part: Part) -> i32 {
        let track = self.tracks.of.get(&(place, part)).copied().unwrap_or(0);
        let top = self.channels.get(channel).copied().unwrap_or(0);
        top + CHANNEL_PADDING + TRACK * i32::try_from(track).unwrap_or(0)
    }

    fn lane(&self, (gutter, nth): (Gutter, usize)) -> i32 {
        let away = GUTTER + LANE * i32::try_from(nth).unwrap_or(0);
        self.left
            + match gutter {
                Gutter::Left => -away,
                Gutter::Right => self.width + away,
            }
    }

    fn way(&self, place: usize, line: &Bundle, plan: Plan, by: Option<(Gutter, usize)>) -> Option<Way> {
        let (from, to) = (self.slots.get(&line.from)?, self.slots.get(&line.to)?);
        let leaves = if plan.gutter.is_some() { Part::Exit } else { Part::Entry };
        let (exit, entry) = (self.turn(place, plan.exit.1, leaves), self.turn(place, plan.entry.1, Part::Entry));
        let (x1, x2) = (self.left + plan.x.0, self.left + plan.x.1);
        let beside = by.map_or(x1, |by| self.lane(by));
        let mut points = vec![(x1, self.border(from.row, plan.exit.0, line.from)), (x1, exit)];
        if by.is_some() {
            points.extend([(beside, exit), (beside, entry)]);
        }
        points.extend([(x2, entry), (x2, self.border(to.row, plan.entry.0, line.to))]);
        Some(Way { points, label: label(beside, x2, entry, label_width(line)) })
    }

    /// Where a side of a stop is.
    fn border(&self, row: usize, side: Side, stop: Stop) -> i32 {
        let Some((areas, top)) = self.arranged.rows.get(row).zip(self.tops.get(row)) else { return 0 };
        let tallest = areas.iter().map(Area::height).max().unwrap_or(0);
        let height = match stop {
            Stop::Card(_) => CARD_HEIGHT,
            Stop::Box(_) => tallest,
        };
        let middle = top + tallest / 2;
        match side {
            Side::Top => middle - height / 2,
            Side::Bottom => middle + height / 2,
        }
    }
}

/// Beside the place where the line turns to its end, on the track if that is long enough.
fn label(turn: i32, x: i32, y: i32, width: i32) -> Label {
    let (x, anchor) = match (turn - x >= width, x - turn >= width) {
        (true, _) => (x + 6, Anchor::Start),
        (false, true) => (x - 6, Anchor::End),
        (false, false) => (turn.max(x) + 6, Anchor::Start),
    };
    Label { x, y: y - 4, anchor }
}

impl Label {
    /// Where the text of so much width ends to the right.
    fn right(self, width: i32) -> i32 {
        match self.anchor {
            Anchor::Start => self.x + width,
            Anchor::End => self.x,
        }
    }
}

fn label_width(line: &Bundle) -> i32 {
    i32::try_from(write::ports_label(&line.ports).chars().count()).unwrap_or(0) * 6 + 16
}

fn row_width(row: &[Area], card_width: i32) -> i32 {
    row.iter().map(|area| area.width(card_width) + BOX_GAP).sum::<i32>() - BOX_GAP
}

/// The areas of a row with their left sides.
fn spread(row: &[Area], card_width: i32, width: i32) -> impl Iterator<Item = (i32, &Area)> {
    let mut x = (width - row_width(row, card_width)) / 2;
    row.iter().map(move |area| {
        let left = x;
        x += area.width(card_width) + BOX_GAP;
        (left, area)
    })
}

fn first_card(area: &Area) -> i32 {
    match area.frame {
        Frame::Outside => 0,
        Frame::Namespace(_) | Frame::More(_) => area.title,
    }
}

fn slots(arranged: &Arranged, width: i32) -> BTreeMap<Stop, Slot> {
    let mut slots = BTreeMap::new();
    for (row, areas) in arranged.rows.iter().enumerate() {
        for (left, area) in spread(areas, arranged.card_width, width) {
            let mut x = left + first_card(area);
            for card in &area.cards {
                slots.insert(Stop::Card(*card), Slot { row, x, width: arranged.card_width });
                x += arranged.card_width + CARD_GAP;
            }
            if let Frame::Namespace(namespace) = area.frame {
                let right = left + area.width(arranged.card_width);
                slots.insert(Stop::Box(namespace), Slot { row, x: right - area.zone(), width: area.zone() });
            }
        }
    }
    slots
}

fn plan(slots: &BTreeMap<Stop, Slot>, line: &Bundle) -> Option<Plan> {
    let (from, to) = (slots.get(&line.from)?.row, slots.get(&line.to)?.row);
    let (exit, entry) = match from.cmp(&to) {
        Ordering::Less => ((Side::Bottom, from + 1), (Side::Top, to)),
        Ordering::Equal => ((Side::Bottom, from + 1), (Side::Bottom, from + 1)),
        Ordering::Greater => ((Side::Top, from), (Side::Bottom, to + 1)),
    };
    let side = if from > to { Gutter::Right } else { Gutter::Left };
    Some(Plan { exit, entry, gutter: (exit.1 != entry.1).then_some(side), x: (0, 0) })
}

/// Which part of a line turns in a channel; one that stays in one channel has only an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Exit,
    Entry,
}

/// Spreads the ends of lines over the sides of their stops, in the order in which the lines go on.
fn ports(slots: &BTreeMap<Stop, Slot>, lines: &[Bundle], plans: &mut [Option<Plan>]) {
    /// Where the line goes on, which line, which end of it.
    type Port = (i32, usize, Part);
    let mut sides: BTreeMap<(Stop, Side), Vec<Port>> = BTreeMap::new();
    let middle = |stop: &Stop| slots.get(stop).map_or(0, |slot| slot.x + slot.width / 2);
    for (place, (line, plan)) in lines.iter().zip(&*plans).enumerate() {
        let Some(plan) = plan else { continue };
        let toward = |other: &Stop| match plan.gutter {
            Some(Gutter::Left) => i32::MIN,
            Some(Gutter::Right) => i32::MAX,
            None => middle(other),
        };
        let exit = (toward(&line.to), place, Part::Exit);
        let entry = (toward(&line.from), place, Part::Entry);
        sides.entry((line.from, plan.exit.0)).or_default().push(exit);
        sides.entry((line.to, plan.entry.0)).or_default().push(entry);
    }
    for ((stop, _), mut ends) in sides {
        let Some(slot) = slots.get(&stop) else { continue };
        ends.sort_unstable();
        let count = i32::try_from(ends.len()).unwrap_or(1);
        let step = PORT_GAP.min((slot.width - 12) / count.max(1)).max(3);
        let first = slot.x + slot.width / 2 - step * (count - 1) / 2;
        for ((_, place, part), turn) in ends.into_iter().zip(0..) {
            if let Some(Some(plan)) = plans.get_mut(place) {
                let x = first + step * turn;
                match part {
                    Part::Exit => plan.x.0 = x,
                    Part::Entry => plan.x.1 = x,
                }
            }
        }
    }
}

/// The tracks of lines.
struct Tracks {
    of: BTreeMap<(usize, Part), usize>,
    /// How many there are in each channel.
    counts: Vec<usize>,
}

/// The track of each part of each line in its channel: the first one that is free over its whole length.
fn tracks(channels: usize, lines: &[Bundle], plans: &[Option<Plan>], width: i32) -> Tracks {
    /// How the line goes on, from where to where it is in the channel, which line, which part of it.
    type Segment = (Turn, i32, i32, usize, Part);
    let mut segments: Vec<Vec<Segment>> = vec![Vec::new(); channels];
    for (place, (line, plan)) in lines.iter().zip(plans).enumerate() {
        let Some(plan) = plan else { continue };
        let beside = match plan.gutter {
            Some(Gutter::Left) => -1000,
            Some(Gutter::Right) => width + 1000,
            None => plan.x.0,
        };
        let turn = if plan.exit == plan.entry { Turn::Back } else { Turn::On };
        let mut add = |channel: usize, x: i32, part: Part, label: i32| {
            let (low, high) = (x.min(beside), x.max(beside));
            let high = if high - low < label { high + 6 + label } else { high };
            if let Some(channel) = segments.get_mut(channel) {
                channel.push((turn, low, high, place, part));
            }
        };
        if plan.gutter.is_some() {
            add(plan.exit.1, plan.x.0, Part::Exit, 0);
        }
        add(plan.entry.1, plan.x.1, Part::Entry, label_width(line));
    }
    let mut tracks = Tracks { of: BTreeMap::new(), counts: Vec::new() };
    for mut channel in segments {
        channel.sort_unstable();
        let mut board = Vec::new();
        for (_, low, high, place, part) in channel {
            tracks.of.insert((place, part), first_free(&mut board, low - 4, high + 4));
        }
        tracks.counts.push(board.len());
    }
    tracks
}

/// How a line goes on from a channel. Those that turn back stay close to the row that they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Back,
    On,
}

/// Strips beside each other, each with the stretches of it that are taken.
type Board = Vec<Vec<(i32, i32)>>;

/// Takes the first strip of a board that is free between two places.
fn first_free(board: &mut Board, low: i32, high: i32) -> usize {
    let free = |strip: &Vec<(i32, i32)>| strip.iter().all(|(from, to)| *to < low || high < *from);
    let place = board.iter().position(free).unwrap_or(board.len());
    match board.get_mut(place) {
        Some(strip) => strip.push((low, high)),
        None => board.push(vec![(low, high)]),
    }
    place
}

/// The tops of rows and of channels, and the height of everything.
fn heights(arranged: &Arranged, tracks: &Tracks) -> (Vec<i32>, Vec<i32>, i32) {
    let channel = |place: usize| match tracks.counts.get(place).copied().unwrap_or(0) {
        0 if place == 0 || place == arranged.rows.len() => 4,
        0 => EMPTY_CHANNEL,
        tracks => 2 * CHANNEL_PADDING + TRACK * (i32::try_from(tracks).unwrap_or(0) - 1),
    };
    let mut y = 0;
    let (mut tops, mut channels) = (Vec::new(), Vec::new());
    for (place, row) in arranged.rows.iter().enumerate() {
        channels.push(y);
        y += channel(place);
        tops.push(y);
        y += row.iter().map(Area::height).max().unwrap_or(0);
    }
    channels.push(y);
    (tops, channels, y + channel(arranged.rows.len()))
}

/// The lanes of the lines that pass rows by, the short ones nearest.
fn lanes(plans: &[Option<Plan>], grid: &Grid<'_>) -> Vec<Option<(Gutter, usize)>> {
    let mut passing = Vec::new();
    for (place, plan) in plans.iter().enumerate() {
        let Some((plan, gutter)) = plan.and_then(|plan| Some((plan, plan.gutter?))) else { continue };
        let exit = grid.turn(place, plan.exit.1, Part::Exit);
        let entry = grid.turn(place, plan.entry.1, Part::Entry);
        let (low, high) = (exit.min(entry), exit.max(entry));
        passing.push((high - low, low, high, gutter, place));
    }
    passing.sort_unstable();
    let mut taken: BTreeMap<Gutter, Board> = BTreeMap::new();
    let mut lanes = vec![None; plans.len()];
    for (_, low, high, gutter, place) in passing {
        let lane = first_free(taken.entry(gutter).or_default(), low, high);
        if let Some(of) = lanes.get_mut(place) {
            *of = Some((gutter, lane));
        }
    }
    lanes
}

fn place(grid: &Grid<'_>, routed: &mut Routed) {
    let arranged = grid.arranged;
    for (areas, top) in arranged.rows.iter().zip(&grid.tops) {
        let tallest = areas.iter().map(Area::height).max().unwrap_or(0);
        for (x, area) in spread(areas, arranged.card_width, grid.width) {
            let y = top + (tallest - area.height()) / 2;
            let frame = Rect { x: grid.left + x, y, width: area.width(arranged.card_width), height: area.height() };
            let inner = match area.frame {
                Frame::Outside => 0,
                Frame::Namespace(_) | Frame::More(_) => BOX_PADDING,
            };
            routed.boxes.push((area.frame, area.title, frame));
            let mut card =
                Rect { x: frame.x + first_card(area), y: y + inner, width: arranged.card_width, height: CARD_HEIGHT };
            for node in &area.cards {
                routed.cards.push((*node, card));
                card.x += arranged.card_width + CARD_GAP;
            }
        }
    }
}
