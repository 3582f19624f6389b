//! See `fleetnet_holds::messages_any`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fleetnet_holds::messages_any(bytes);
});
