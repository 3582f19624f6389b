//! See `fleetnet_holds::edits_any`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fleetnet_holds::edits_any(bytes);
});
