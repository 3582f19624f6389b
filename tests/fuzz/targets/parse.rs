//! See `fleetnet_holds::parse_any`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fleetnet_holds::parse_any(bytes);
});
