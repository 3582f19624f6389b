//! One map of the kernel: made, filled, read, pinned.

use std::fmt;
use std::io;
use std::path::Path;

use aya::maps::{MapData, MapError, MapInfo};
use aya::pin::PinError;
use fleetnet_abi::map::{MapSpec, MapType};

use super::error::{Error, Problem, Step};
use super::sys::Entries;

/// Entries that one system call moves: more of them are not faster, and a kill waits for the end of the call.
const BATCH: usize = 4096;

/// The errno of the kernel for what a map type does not offer, which is not for user space and yet gets there.
const ENOTSUPP: i32 = 524;

/// What a map is made with. Only types whose values have one copy each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub map_type: MapType,
    pub key_size: usize,
    pub value_size: usize,
    pub flags: u32,
    /// How many entries it holds at most.
    pub capacity: u32,
}

impl Shape {
    pub fn new(spec: MapSpec, capacity: u32) -> Self {
        let MapSpec { map_type, key_size, value_size, flags, .. } = spec;
        Self { map_type, key_size, value_size, flags, capacity }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { map_type, key_size, value_size, flags, capacity } = self;
        write_shape(f, map_type.name(), (*key_size, *value_size), (*capacity, *flags))
    }
}

/// What the kernel says of a map, as a [`Shape`] is written.
fn described(info: &MapInfo) -> String {
    let known = [MapType::Hash, MapType::Array, MapType::LpmTrie, MapType::HashOfMaps];
    let number = info.map_type().map_or(0, |found| found as u32);
    let name = known.into_iter().find(|known| known.number() == number).map_or("a map of another type", MapType::name);
    let mut text = String::new();
    let sizes = (info.key_size() as usize, info.value_size() as usize);
    // A string takes everything.
    let _ = write_shape(&mut text, name, sizes, (info.max_entries(), info.map_flags()));
    text
}

fn write_shape(
    to: &mut impl fmt::Write,
    name: &str,
    (key, value): (usize, usize),
    (capacity, flags): (u32, u32),
) -> fmt::Result {
    write!(to, "{name} with keys of {key} and values of {value} bytes, {capacity} entries, flags {flags:#x}")
}

/// How entries got into a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filled {
    /// Many with one system call.
    InBatches,
    /// One by one: this kernel has no batches for maps of the type.
    OneByOne,
}

/// A map of the kernel, whose shape the kernel confirmed.
#[derive(Debug)]
pub struct Map {
    entries: Entries,
    shape: Shape,
}

impl Map {
    /// A new map that nobody else knows. `path` is where it will be pinned, for messages.
    pub fn create(shape: Shape, name: &str, path: &Path) -> Result<Self, Error> {
        let size = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
        let Shape { map_type, key_size, value_size, flags, capacity } = shape;
        let definition =
            aya_obj::Map::new_from_params(map_type.number(), size(key_size), size(value_size), capacity, flags);
        let data = MapData::create(definition, name, None)
            .map_err(|error| Error::kernel(Step::Create, path, cause_of_map(error)))?;
        Self::checked(data, shape, path)
    }

    /// The map that is pinned at `path`, which must have `shape` but for its capacity.
    pub fn open(path: &Path, shape: Shape) -> Result<Self, Error> {
        let data = MapData::from_pin(path).map_err(|error| Error::kernel(Step::Open, path, cause_of_map(error)))?;
        Self::checked(data, shape, path)
    }

    /// Whether the kernel has a map under this name at `path`.
    pub fn is_named(path: &Path, name: &str) -> Result<bool, Error> {
        let failed = |error| Error::kernel(Step::Open, path, cause_of_map(error));
        let info = MapData::from_pin(path).and_then(|data| data.info()).map_err(failed)?;
        Ok(info.name_as_str() == Some(name))
    }

    /// Takes the capacity from the kernel, and refuses what differs otherwise.
    fn checked(data: MapData, expected: Shape, path: &Path) -> Result<Self, Error> {
        let failed = |error| Error::kernel(Step::Open, path, cause_of_map(error));
        let other = |info: &MapInfo| {
            Error::NotWhole(Problem::OtherShape { path: path.to_owned(), found: described(info), expected })
        };
        let entries = Entries::of(data).map_err(failed)?.map_err(|info| other(&info))?;
        let info = entries.map().info().map_err(failed)?;
        let same = info.map_type().is_ok_and(|found| found as u32 == expected.map_type.number())
            && (info.key_size() as usize, info.value_size() as usize) == (expected.key_size, expected.value_size)
            && info.map_flags() == expected.flags;
        if same {
            Ok(Self { entries, shape: Shape { capacity: info.max_entries(), ..expected } })
        } else {
            Err(other(&info))
        }
    }

    /// How many entries it holds at most.
    pub fn capacity(&self) -> u32 {
        self.shape.capacity
    }

    /// Writes entries; keys and values are back to back. What it held stays where no key is the same.
    pub fn fill(&self, keys: &[u8], values: &[u8]) -> io::Result<Filled> {
        self.fill_by(keys, values, |keys, values| self.entries.update_batch(keys, values))
    }

    /// `write` writes one batch, or says that the kernel has none for maps of the type.
    fn fill_by(
        &self,
        keys: &[u8],
        values: &[u8],
        write: impl Fn(&[u8], &[u8]) -> io::Result<()>,
    ) -> io::Result<Filled> {
        for (batch_keys, batch_values) in self.chunks(keys, values) {
            match write(batch_keys, batch_values) {
                // Whatever was written is written again. An entry at fault says so when it is written alone.
                Err(error) if lacks_batches(&error) => return self.fill_each(keys, values),
                written => written?,
            }
        }
        Ok(Filled::InBatches)
    }

    fn fill_each(&self, keys: &[u8], values: &[u8]) -> io::Result<Filled> {
        let Shape { key_size, value_size, .. } = self.shape;
        for (key, value) in keys.chunks_exact(key_size).zip(values.chunks_exact(value_size)) {
            self.entries.update(key, value)?;
        }
        Ok(Filled::OneByOne)
    }

    /// All entries in order of their keys' bytes: keys and values, back to back.
    pub fn read(&self) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let read = match self.read_batches() {
            Err(error) if lacks_batches(&error) => self.read_each(),
            read => read,
        };
        read.map(|(keys, values)| self.sorted(&keys, &values))
    }

    fn read_batches(&self) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let Shape { key_size, value_size, .. } = self.shape;
        let batch = self.batch();
        let (mut keys, mut values) = (vec![0; batch * key_size], vec![0; batch * value_size]);
        let (mut all_keys, mut all_values) = (Vec::new(), Vec::new());
        let mut place = Vec::new();
        loop {
            let found = self.entries.lookup_batch(&mut place, &mut keys, &mut values)?;
            all_keys.extend_from_slice(keys.get(..found.count * key_size).unwrap_or_default());
            all_values.extend_from_slice(values.get(..found.count * value_size).unwrap_or_default());
            if found.end {
                return Ok((all_keys, all_values));
            }
            self.check_end(all_keys.len())?;
        }
    }

    fn read_each(&self) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let Shape { key_size, value_size, .. } = self.shape;
        let (mut key, mut value) = (vec![0; key_size], vec![0; value_size]);
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        let mut last: Option<Vec<u8>> = None;
        while self.entries.next_key(last.as_deref(), &mut key)? {
            match self.entries.lookup(&key, &mut value) {
                // Removed since.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                looked_up => {
                    looked_up?;
                    keys.extend_from_slice(&key);
                    values.extend_from_slice(&value);
                }
            }
            self.check_end(keys.len())?;
            last = Some(key.clone());
        }
        Ok((keys, values))
    }

    /// A walk starts again when the entry it stands at is removed; who removes entries all the time must not keep it going for ever.
    fn check_end(&self, read: usize) -> io::Result<()> {
        let most = (self.shape.capacity as usize).saturating_mul(2).saturating_add(self.batch());
        if read / self.shape.key_size <= most {
            Ok(())
        } else {
            Err(io::Error::new(io::ErrorKind::ResourceBusy, "it changes while it is read"))
        }
    }

    /// Sorts entries by key; one that a walk met twice stands there once.
    fn sorted(&self, keys: &[u8], values: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let Shape { key_size, value_size, .. } = self.shape;
        let mut entries: Vec<(&[u8], &[u8])> =
            keys.chunks_exact(key_size).zip(values.chunks_exact(value_size)).collect();
        entries.sort_unstable();
        entries.dedup_by_key(|(key, _)| *key);
        let (keys, values): (Vec<&[u8]>, Vec<&[u8]>) = entries.into_iter().unzip();
        (keys.concat(), values.concat())
    }

    /// Lets nobody write to it from user space any more.
    pub fn freeze(&self) -> io::Result<()> {
        self.entries.freeze()
    }

    /// Pins it; nothing may be there.
    pub fn pin(&self, path: &Path) -> Result<(), Error> {
        self.entries.map().pin(path).map_err(|error| Error::kernel(Step::Pin, path, cause_of_pin(error)))
    }

    /// Entries of a batch. Large values are few at a time.
    fn batch(&self) -> usize {
        let bytes = self.shape.value_size.max(16);
        (BATCH * 16 / bytes).clamp(1, BATCH).min((self.shape.capacity as usize).max(1))
    }

    fn chunks<'b>(&self, keys: &'b [u8], values: &'b [u8]) -> impl Iterator<Item = (&'b [u8], &'b [u8])> {
        let (batch, shape) = (self.batch(), self.shape);
        keys.chunks(batch * shape.key_size).zip(values.chunks(batch * shape.value_size))
    }
}

/// `EINVAL` is also said of a command that the kernel has never heard of.
fn lacks_batches(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| [libc::EINVAL, libc::EOPNOTSUPP, ENOTSUPP].contains(&code))
}

/// What the kernel said, or what aya says in its place.
fn cause_of_map(error: MapError) -> io::Error {
    match error {
        MapError::CreateError { io_error, .. } | MapError::IoError(io_error) => io_error,
        MapError::SyscallError(error) => error.io_error,
        MapError::PinError { error, .. } => cause_of_pin(error),
        other => io::Error::other(other),
    }
}

fn cause_of_pin(error: PinError) -> io::Error {
    match error {
        PinError::SyscallError(error) => error.io_error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A trie for 4-byte prefixes, or a skipped test where BPF is not permitted.
    fn map(test: &str, capacity: u32) -> Option<Map> {
        let shape = Shape { map_type: MapType::LpmTrie, key_size: 8, value_size: 4, flags: 1, capacity };
        match Map::create(shape, "test", Path::new("test")) {
            Err(error @ Error::NotPermitted { .. }) => {
                let _ = io::stderr().write_all(format!("skipped: kernel::map::{test}: {error}\n").as_bytes());
                None
            }
            map => Some(map.unwrap()),
        }
    }

    fn entries(count: u32) -> (Vec<u8>, Vec<u8>) {
        let key = |number: u32| [32_u32.to_le_bytes(), number.to_be_bytes()].concat();
        ((0..count).flat_map(key).collect(), (0..count).flat_map(u32::to_le_bytes).collect())
    }

    #[test]
    fn one_by_one_and_in_batches_come_to_the_same() {
        let test = "one_by_one_and_in_batches_come_to_the_same";
        let (keys, values) = entries(2 * u32::try_from(BATCH).unwrap() + 7);
        let Some(map) = map(test, 10_000) else { return };
        assert_eq!(map.fill(&keys, &values).unwrap(), Filled::InBatches);
        let each = super::tests::map(test, 10_000).unwrap();
        assert_eq!(each.fill_each(&keys, &values).unwrap(), Filled::OneByOne);
        for map in [map, each] {
            assert_eq!(map.read().unwrap(), (keys.clone(), values.clone()));
            let (read_keys, read_values) = map.read_each().unwrap();
            assert_eq!(map.sorted(&read_keys, &read_values), (keys.clone(), values.clone()));
        }
    }

    /// As Linux 5.10 to 5.12 do it for LPM tries, and older ones for every map.
    #[test]
    fn a_kernel_without_batches_gets_entries_one_by_one() {
        let (keys, values) = entries(9);
        for code in [ENOTSUPP, libc::EOPNOTSUPP, libc::EINVAL] {
            let Some(map) = map("a_kernel_without_batches_gets_entries_one_by_one", 16) else { return };
            let refuse = |_: &[u8], _: &[u8]| Err(io::Error::from_raw_os_error(code));
            assert_eq!(map.fill_by(&keys, &values, refuse).unwrap(), Filled::OneByOne);
            assert_eq!(map.read().unwrap(), (keys.clone(), values.clone()));
        }
        let Some(map) = map("a_kernel_without_batches_gets_entries_one_by_one", 16) else { return };
        let full = |_: &[u8], _: &[u8]| Err(io::Error::from_raw_os_error(libc::ENOSPC));
        assert_eq!(map.fill_by(&keys, &values, full).unwrap_err().raw_os_error(), Some(libc::ENOSPC));
    }

    #[test]
    fn a_full_map_says_so() {
        let Some(map) = map("a_full_map_says_so", 8) else { return };
        let (keys, values) = entries(9);
        for error in [map.fill(&keys, &values), map.fill_each(&keys, &values)].map(Result::unwrap_err) {
            let error = Error::kernel(Step::Fill, Path::new("test"), error);
            assert!(matches!(error, Error::Full { .. }), "{error}");
        }
    }

    #[test]
    fn a_frozen_map_takes_nothing() {
        let Some(map) = map("a_frozen_map_takes_nothing", 8) else { return };
        let (keys, values) = entries(1);
        map.freeze().unwrap();
        assert!(map.fill(&keys, &values).is_err());
        assert_eq!(map.read().unwrap(), (Vec::new(), Vec::new()));
    }

    #[test]
    fn an_empty_map_is_read() {
        let Some(map) = map("an_empty_map_is_read", 8) else { return };
        assert_eq!(map.fill(&[], &[]).unwrap(), Filled::InBatches);
        assert_eq!(map.read().unwrap(), (Vec::new(), Vec::new()));
    }
}
