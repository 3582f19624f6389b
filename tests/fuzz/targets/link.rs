//! See `fleetnet_holds::link_any`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fleetnet_holds::link_any(bytes);
});
