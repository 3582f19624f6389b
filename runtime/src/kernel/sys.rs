//! The commands of `bpf(2)` that aya does not offer for maps whose sizes are known only at run time: batches, entries, freezing.
//!
//! The one file of this program with `unsafe`. An [`Entries`] has the sizes that the kernel itself states, and each function takes buffers of
//! whole entries only; so that what the kernel reads and writes is what was handed over.
#![expect(unsafe_code, reason = "system calls; each has its argument")]

use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _};

use aya::maps::{MapData, MapError, MapInfo, MapType};
use aya_obj::generated::bpf_cmd;

/// A map as the kernel reads and writes its entries.
#[derive(Debug)]
pub struct Entries {
    map: MapData,
    key_size: usize,
    value_size: usize,
}

/// How far a batch of look-ups came.
#[derive(Debug)]
pub struct Batch {
    /// How many entries were read.
    pub count: usize,
    /// Whether the map has no more of them.
    pub end: bool,
}

/// The `batch` of `union bpf_attr`.
#[repr(C)]
#[derive(Default)]
struct BatchAttr {
    in_batch: u64,
    out_batch: u64,
    keys: u64,
    values: u64,
    count: u32,
    map_fd: u32,
    elem_flags: u64,
    flags: u64,
}

/// What `BPF_MAP_*_ELEM` and `BPF_MAP_GET_NEXT_KEY` take.
#[repr(C)]
#[derive(Default)]
struct ElementAttr {
    map_fd: u32,
    padding: u32,
    key: u64,
    /// Or the next key.
    value: u64,
    flags: u64,
}

/// What `BPF_MAP_FREEZE` takes.
#[repr(C)]
#[derive(Default)]
struct FreezeAttr {
    map_fd: u32,
}

impl Entries {
    /// The entries of a map, or the map's description if it is of a type whose values have more than one copy, one for each CPU: the kernel
    /// writes more than `value_size` bytes for such a value.
    pub fn of(map: MapData) -> Result<Result<Self, MapInfo>, MapError> {
        let info = map.info()?;
        let plain = [MapType::Hash, MapType::Array, MapType::LpmTrie];
        if !info.map_type().is_ok_and(|found| plain.contains(&found)) {
            return Ok(Err(info));
        }
        let (key_size, value_size) = (info.key_size() as usize, info.value_size() as usize);
        Ok(Ok(Self { map, key_size, value_size }))
    }

    /// The map itself.
    pub fn map(&self) -> &MapData {
        &self.map
    }

    /// Writes as many entries as there are whole keys and values. How many it wrote where it fails is not known: a kernel that has no batches
    /// for maps of the type leaves `count` as it was.
    pub fn update_batch(&self, keys: &[u8], values: &[u8]) -> io::Result<()> {
        let count = self.whole(keys, values)?;
        let mut attr = BatchAttr {
            keys: address(keys),
            values: address(values),
            count,
            map_fd: self.number(),
            ..BatchAttr::default()
        };
        // SAFETY: the kernel reads `count` keys and values of the map's sizes, which both buffers hold, and writes `count`.
        unsafe { call(bpf_cmd::BPF_MAP_UPDATE_BATCH, &mut attr) }
    }

    /// Reads as many entries as the buffers hold, from where `place` says, and leaves there where to go on. An empty `place` is the start.
    pub fn lookup_batch(&self, place: &mut Vec<u8>, keys: &mut [u8], values: &mut [u8]) -> io::Result<Batch> {
        let count = self.whole(keys, values)?;
        // A place is a key, or in a hash map the number of a bucket.
        let mut next = vec![0; self.key_size.max(size_of::<u32>())];
        if !place.is_empty() && place.len() != next.len() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut attr = BatchAttr {
            in_batch: if place.is_empty() { 0 } else { address(place) },
            out_batch: address_mut(&mut next),
            keys: address_mut(keys),
            values: address_mut(values),
            count,
            map_fd: self.number(),
            ..BatchAttr::default()
        };
        // SAFETY: the kernel reads a place from `in_batch` and writes one to `out_batch`, both as long as a key or a bucket's number, and at
        // most `count` keys and values of the map's sizes, which both buffers hold.
        let done = unsafe { call(bpf_cmd::BPF_MAP_LOOKUP_BATCH, &mut attr) };
        let end = match done {
            Ok(()) => false,
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => true,
            Err(error) => return Err(error),
        };
        *place = next;
        Ok(Batch { count: attr.count.min(count) as usize, end })
    }

    /// Writes one entry.
    pub fn update(&self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.one(key, Some(value.len()))?;
        let mut attr = self.element(address(key), address(value));
        // SAFETY: the kernel reads a key and a value of the map's sizes, which the buffers have.
        unsafe { call(bpf_cmd::BPF_MAP_UPDATE_ELEM, &mut attr) }
    }

    /// Reads the value of a key. For an LPM trie that is the value of the longest prefix of it.
    pub fn lookup(&self, key: &[u8], value: &mut [u8]) -> io::Result<()> {
        self.one(key, Some(value.len()))?;
        let mut attr = self.element(address(key), address_mut(value));
        // SAFETY: the kernel reads a key and writes a value of the map's sizes, which the buffers have.
        unsafe { call(bpf_cmd::BPF_MAP_LOOKUP_ELEM, &mut attr) }
    }

    /// Puts the key behind `key`, or the first one, in `next`. Whether there is one.
    pub fn next_key(&self, key: Option<&[u8]>, next: &mut [u8]) -> io::Result<bool> {
        self.one(key.unwrap_or(next), None)?;
        self.one(next, None)?;
        let mut attr = self.element(key.map_or(0, address), address_mut(next));
        // SAFETY: the kernel reads a key, or none from address 0, and writes one, of the map's size, which the buffers have.
        match unsafe { call(bpf_cmd::BPF_MAP_GET_NEXT_KEY, &mut attr) } {
            Ok(()) => Ok(true),
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Lets nobody write to the map from user space any more.
    pub fn freeze(&self) -> io::Result<()> {
        let mut attr = FreezeAttr { map_fd: self.number() };
        // SAFETY: no memory but the attributes is read or written.
        unsafe { call(bpf_cmd::BPF_MAP_FREEZE, &mut attr) }
    }

    fn number(&self) -> u32 {
        self.map.fd().as_fd().as_raw_fd().cast_unsigned()
    }

    fn element(&self, key: u64, value: u64) -> ElementAttr {
        ElementAttr { map_fd: self.number(), key, value, ..ElementAttr::default() }
    }

    /// How many whole entries the buffers hold; refuses buffers that do not agree.
    fn whole(&self, keys: &[u8], values: &[u8]) -> io::Result<u32> {
        let count = keys.len().checked_div(self.key_size).and_then(|count| u32::try_from(count).ok());
        let fits = |count: u32, size: usize, length: usize| (count as usize).checked_mul(size) == Some(length);
        count
            .filter(|count| fits(*count, self.key_size, keys.len()) && fits(*count, self.value_size, values.len()))
            .ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }

    /// Refuses buffers that do not have the map's sizes.
    fn one(&self, key: &[u8], value: Option<usize>) -> io::Result<()> {
        let fits = key.len() == self.key_size && value.is_none_or(|length| length == self.value_size);
        if fits { Ok(()) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }
}

fn address(bytes: &[u8]) -> u64 {
    bytes.as_ptr().expose_provenance() as u64
}

fn address_mut(bytes: &mut [u8]) -> u64 {
    bytes.as_mut_ptr().expose_provenance() as u64
}

/// # Safety
///
/// `attr` is what `command` takes, and the addresses in it lead to memory that the kernel may use as the command does.
unsafe fn call<T>(command: bpf_cmd, attr: &mut T) -> io::Result<()> {
    // SAFETY: `attr` is as long as is said; for the rest the caller answers.
    let result =
        unsafe { libc::syscall(libc::SYS_bpf, command as libc::c_long, std::ptr::from_mut(attr), size_of::<T>()) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
