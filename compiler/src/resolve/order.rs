//! An order in which declarations that name each other can be resolved.

/// The vertices of a graph such that each comes after those it depends on, and the cycles that were cut for it. `dependencies` holds for
/// each vertex those that it needs; edges out of the graph are ignored.
///
/// Without recursion: a text may nest declarations as deep as it is long.
pub(super) fn in_order(dependencies: &[Vec<usize>]) -> Ordered {
    let mut ordered = Ordered { order: Vec::with_capacity(dependencies.len()), cycles: Vec::new() };
    let mut marks = vec![Mark::New; dependencies.len()];
    for start in 0..dependencies.len() {
        // The path from `start` to the current vertex, each with the number of its edges that were followed.
        let mut path: Vec<(usize, usize)> = Vec::new();
        enter(start, &mut marks, &mut path);
        while let Some((vertex, followed)) = path.last_mut() {
            let vertex = *vertex;
            let Some(next) = dependencies.get(vertex).and_then(|edges| edges.get(*followed)).copied() else {
                set(&mut marks, vertex, Mark::Done);
                ordered.order.push(vertex);
                path.pop();
                continue;
            };
            *followed += 1;
            match marks.get(next) {
                Some(Mark::Open) => {
                    let cycle = path.iter().map(|(vertex, _)| *vertex).skip_while(|vertex| *vertex != next);
                    ordered.cycles.push(cycle.collect());
                }
                Some(Mark::New) => enter(next, &mut marks, &mut path),
                Some(Mark::Done) | None => {}
            }
        }
    }
    ordered
}

/// What [`in_order`] found.
pub(super) struct Ordered {
    /// Every vertex once.
    pub order: Vec<usize>,
    /// For each edge that was ignored the vertices of its cycle, each needing the next and the last the first.
    pub cycles: Vec<Vec<usize>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

fn enter(vertex: usize, marks: &mut [Mark], path: &mut Vec<(usize, usize)>) {
    if marks.get(vertex) == Some(&Mark::New) {
        set(marks, vertex, Mark::Open);
        path.push((vertex, 0));
    }
}

fn set(marks: &mut [Mark], vertex: usize, mark: Mark) {
    if let Some(place) = marks.get_mut(vertex) {
        *place = mark;
    }
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[track_caller]
    fn check(dependencies: &[&[usize]], order: &[usize], cycles: &[&[usize]]) {
        let dependencies: Vec<Vec<usize>> = dependencies.iter().map(|edges| edges.to_vec()).collect();
        let found = in_order(&dependencies);
        assert_eq!(found.order, order);
        assert_eq!(found.cycles, cycles);
    }

    #[test]
    fn what_is_needed_comes_first() {
        check(&[&[1, 2], &[2], &[]], &[2, 1, 0], &[]);
        check(&[&[], &[7]], &[0, 1], &[]);
    }

    #[test]
    fn cycles_are_cut() {
        check(&[&[0]], &[0], &[&[0]]);
        check(&[&[1], &[2], &[1]], &[2, 1, 0], &[&[1, 2]]);
    }

    #[test]
    fn depth_is_no_matter() {
        let mut chain: Vec<Vec<usize>> = (1..=200_000).map(|next| vec![next]).collect();
        chain.push(Vec::new());
        assert_eq!(in_order(&chain).order.first(), Some(&200_000));
    }
}
