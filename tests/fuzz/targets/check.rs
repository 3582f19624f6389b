//! See `fleetnet_holds::check_any`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fleetnet_holds::check_any(bytes);
});
