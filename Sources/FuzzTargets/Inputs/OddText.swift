/// Texts and literals at the boundaries of what readers of settings and files accept.
enum OddText {
  /// Returns a text: a boundary of some setting, or arbitrary.
  static func text(_ source: inout ByteSource) -> String {
    let choice = source.below(texts.count + 8)
    if choice < texts.count { return texts[choice] }
    return choice & 1 == 0 ? source.text(12) : "\(source.oddInteger(UInt64.self))"
  }

  /// Returns a value of a JSON text, which may be invalid.
  static func literal(_ source: inout ByteSource) -> String {
    let choice = source.below(literals.count + 4)
    if choice < literals.count { return literals[choice] }
    return "\(Int64(bitPattern: source.oddInteger(UInt64.self)))"
  }

  static let texts = [
    "", "0", "-1", "1", "2", "3", "4", "5", "-0", "+1", "01", "65536", "65537", "4294967296",
    "9223372036854775807", "18446744073709551615", "18446744073709551616", "1000000000", "1e9",
    "epochs:1", "epochs:1000000", "steps:1", "steps:1000000000", "epochs:1000001", "none",
    "true", "false", "sync", "async", "bounded", "1,2,3", "3,2", "0,1", "0:1,1:2", "0:0", "1:",
    "nan", "inf", "-inf", "1e-45", "3.4e38", "1e39", "0x1p3", "value:1", "norm:nan", "norm:1e-45",
    "affine:1,1", "affine:nan,0", "rows", "columns", "pixels", "batch", "frozen", "cosine",
    "constant", "f32", "bf16", "tutorial", "v3", "best", "server", "worker:1", "a:ff", "a:ff,b:0",
    "%00:1", "%:1", "generated:5", "generated:0", "generated:9223372036854775807",
    "__metadata__", "checksum", "lstm/kernel", "dense/bias/Adam", "tributary-1",
    "tributary-checkpoint-1", "é", "e\u{301}", "\u{0}", "\u{FFFD}", "👩🏽‍🚀",
  ]

  private static let literals = [
    "0", "-1", "1", "2", "4", "4294967295", "4294967296", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "18446744073709551615", "1e3", "1.5", "1e999",
    "1e-999", "-0", "00", "null", "true", "false", "[]", "{}", "\"\"", "\"F32\"", "\"F64\"",
    "\"\\ud800\"", "\"\\u0000\"", "[0]", "[0,0]", "[0,4,8]", "{\"a\":1}", "1 2", "", "}", "]",
    "/**/1", "NaN", "\"", String(repeating: "[", count: 1000),
    String(repeating: "[", count: 400) + String(repeating: "]", count: 400),
    String(repeating: "9", count: 400),
  ]
}
