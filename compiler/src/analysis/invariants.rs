//! Invariants: a condition on every flow that passes.

use std::collections::{BTreeMap, HashMap};

use super::cel::{self, FlowField, FlowRecord, Program, Side, Value};
use super::partners::{Covered, Partners};
use super::ports::{PROTOCOLS, PortMask};
use super::proof::{Counterexample, Evidence, Failure, Promise, Proof};
use super::reach::{Reach, is_known};
use super::universe::{Class, representatives};
use crate::model::{Model, PortRange};
use crate::plan::Plan;
use crate::semantics::{End, Flow, decide};
use crate::workers::{self, Workers};

/// A compiled condition of an invariant.
#[derive(Debug)]
pub struct Requirement {
    /// Which one.
    pub promise: Promise,
    span: fleetnet_lang::Span,
    /// The condition.
    pub program: Program<FlowField>,
}

/// The conditions of all invariants that can be read.
#[must_use]
pub fn compile(model: &Model, proof: &mut Proof) -> Vec<Requirement> {
    let mut requirements = Vec::new();
    for (index, invariant) in model.invariants.iter().enumerate() {
        for (place, require) in invariant.requires.iter().enumerate() {
            let promise = Promise::Requirement(index, place);
            match cel::compile(require.value.as_str(), require.span) {
                Ok(program) => requirements.push(Requirement { promise, span: require.span, program }),
                Err(found) => {
                    proof.unasked.insert(promise);
                    proof.invalid.extend(found);
                }
            }
        }
    }
    requirements
}

/// Into how many parts the sources are divided for the workers. Each asks again on behalf of ends that are seen as addresses.
const PARTS: usize = 8;

/// The first flow, in order of the classes, that passes and breaks each condition that one breaks.
#[must_use]
pub fn prove(
    plan: &Plan,
    reach: &Reach<'_>,
    universe: &[Class],
    requirements: &[Requirement],
    workers: &dyn Workers,
) -> Vec<Failure> {
    if requirements.is_empty() {
        return Vec::new();
    }
    let questions: Vec<Question<'_>> =
        requirements.iter().map(|requirement| Question::new(requirement, reach, universe)).collect();
    let ends: Vec<&End> = universe.iter().map(|class| &class.end).collect();
    let alone = representatives(plan, &ends, |place| told(&questions, place));
    let classes: Vec<(usize, &Class)> =
        alone.into_iter().filter_map(|place| Some((place, universe.get(place)?))).collect();
    let partners = Partners::new(plan, &classes.iter().map(|(_, class)| &class.end).collect::<Vec<_>>());
    let asking = Asking { plan, reach, questions: &questions, classes: &classes, partners: &partners };
    let parts: Vec<&[(usize, &Class)]> = classes.chunks(classes.len().div_ceil(PARTS).max(1)).collect();
    let mut broken = workers::map(workers, &parts, |sources| asking.first_broken(sources));
    let first = |place: usize| broken.iter_mut().find_map(|part| part.get_mut(place)?.take());
    let firsts: Vec<Option<Flow>> = (0..requirements.len()).map(first).collect();
    let failures = requirements.iter().zip(firsts).filter_map(|(requirement, flow)| {
        let flow = flow?;
        Some(Failure {
            promise: requirement.promise,
            span: requirement.span,
            step: None,
            evidence: Evidence::Flow(Box::new(Counterexample { verdict: decide(plan, &flow), flow })),
        })
    });
    failures.collect()
}

/// What the conditions see of a class.
fn told(questions: &[Question<'_>], class: usize) -> Vec<[Option<usize>; 2]> {
    questions.iter().map(|question| question.traits_of(class)).collect()
}

/// All conditions, and everybody they are asked of.
struct Asking<'a> {
    plan: &'a Plan,
    reach: &'a Reach<'a>,
    questions: &'a [Question<'a>],
    classes: &'a [(usize, &'a Class)],
    partners: &'a Partners<'a>,
}

impl Asking<'_> {
    /// For each condition the first flow from these sources that passes and breaks it.
    fn first_broken(&self, sources: &[(usize, &Class)]) -> Vec<Option<Flow>> {
        let mut open: Vec<Open<'_>> = self.questions.iter().map(Open::new).collect();
        let mut asked = Covered::default();
        for source in sources {
            if open.iter().all(|question| question.broken.is_some()) {
                break;
            }
            for place in self.partners.unasked(&source.1.end, &told(self.questions, source.0), &mut asked) {
                let Some(destination) = self.classes.get(place) else { continue };
                let passing = self.reach.passing(&source.1.end, &destination.1.end);
                let Some(passing) = passing.filter(|mask| !mask.is_empty()) else { continue };
                let pair = Pair {
                    source: *source,
                    destination: *destination,
                    known: is_known(self.plan, &source.1.end, &destination.1.end),
                    passing: &passing,
                };
                for question in open.iter_mut().filter(|question| question.broken.is_none()) {
                    question.broken = question.ask(&pair, self.reach);
                }
            }
        }
        open.into_iter().map(|question| question.broken).collect()
    }
}

/// Two ends between which some flow passes.
struct Pair<'a> {
    source: (usize, &'a Class),
    destination: (usize, &'a Class),
    known: bool,
    passing: &'a PortMask,
}

/// A condition with all that it can tell apart.
struct Question<'r> {
    requirement: &'r Requirement,
    /// Ports between which the condition sees no difference, with one of them.
    buckets: Vec<(PortMask, PortRange)>,
    /// For each class of ends, what the condition sees of it as a source and as a destination.
    traits: [Vec<usize>; 2],
}

/// A condition that is being asked.
struct Open<'q> {
    question: &'q Question<'q>,
    /// Answers by the traits of both ends, whether they know each other, and the bucket.
    answers: HashMap<(usize, usize, bool, usize), bool>,
    broken: Option<Flow>,
}

impl<'r> Question<'r> {
    fn new(requirement: &'r Requirement, reach: &Reach<'_>, universe: &[Class]) -> Self {
        let program = &requirement.program;
        let traits = [Side::Source, Side::Destination].map(|side| {
            let mut kinds: BTreeMap<Vec<Value<'_>>, usize> = BTreeMap::new();
            let of_class = universe.iter().map(|class| {
                let next = kinds.len();
                *kinds.entry(program.traits(side, &class.record)).or_insert(next)
            });
            of_class.collect()
        });
        Self { requirement, buckets: buckets(program, reach), traits }
    }

    /// What it sees of a class, as a source and as a destination.
    fn traits_of(&self, class: usize) -> [Option<usize>; 2] {
        self.traits.each_ref().map(|traits| traits.get(class).copied())
    }
}

impl<'q> Open<'q> {
    fn new(question: &'q Question<'q>) -> Self {
        Self { question, answers: HashMap::new(), broken: None }
    }

    /// The first flow of a pair that passes and breaks the condition.
    fn ask(&mut self, pair: &Pair<'_>, reach: &Reach<'_>) -> Option<Flow> {
        let Question { requirement, buckets, traits: [sources, destinations] } = self.question;
        let source = sources.get(pair.source.0).copied()?;
        let destination = destinations.get(pair.destination.0).copied()?;
        for (index, (bucket, example)) in buckets.iter().enumerate() {
            if !bucket.meets(pair.passing) {
                continue;
            }
            let holds = *self.answers.entry((source, destination, pair.known, index)).or_insert_with(|| {
                requirement.program.holds(&FlowRecord {
                    source: &pair.source.1.record,
                    destination: &pair.destination.1.record,
                    port: example.first,
                    protocol: example.protocol,
                    known: pair.known,
                })
            });
            if !holds {
                let mut mask = bucket.clone();
                mask.keep(pair.passing);
                let class = reach.ports.of(&mask).next()?;
                return Some(Flow {
                    source: pair.source.1.end.clone(),
                    destination: pair.destination.1.end.clone(),
                    protocol: class.protocol,
                    port: class.first,
                    request: None,
                });
            }
        }
        None
    }
}

/// The ports by protocol, and by where they are among the constants that ports are compared with.
fn buckets(program: &Program<FlowField>, reach: &Reach<'_>) -> Vec<(PortMask, PortRange)> {
    let place = |port: u16| {
        let port = i64::from(port);
        let below = program.ports().partition_point(|constant| *constant < port);
        (below, program.ports().get(below) == Some(&port))
    };
    let mut buckets = Vec::new();
    for protocol in PROTOCOLS {
        let mut places: BTreeMap<(usize, bool), PortRange> = BTreeMap::new();
        for class in reach.ports.iter().filter(|class| class.protocol == protocol) {
            places.entry(place(class.first)).or_insert(class);
        }
        for (wanted, example) in places {
            let mask = reach.ports.select(|class| class.protocol == protocol && place(class.first) == wanted);
            buckets.push((mask, example));
        }
    }
    buckets
}
