//! See `fleetnet_holds::format_any`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fleetnet_holds::format_any(bytes);
});
