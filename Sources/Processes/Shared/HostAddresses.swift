import CLinux
import Foundation

/// The addresses of hosts, without brackets.
enum HostAddresses {
  private static let mostBytes = 4096

  /// The addresses of this host by which others can reach it: those of all interfaces that are up,
  /// except loopbacks; IPv4 first.
  static var ofThisHost: [String] { lines { caddresses_of_interface(nil, &$0, $1) } }

  /// Returns the addresses of an interface of this host, none if there is no such one.
  static func ofInterface(_ name: String) -> [String] {
    lines { caddresses_of_interface(name, &$0, $1) }
  }

  /// Returns the addresses of the host with a name; name servers may take several seconds.
  static func ofName(_ name: String) throws(ResolutionError) -> [String] {
    var code: Int32 = 0
    let addresses = lines {
      code = caddresses_of_name(name, &$0, $1)
      return code
    }
    guard code == 0 else { throw ResolutionError(text: String(cString: gai_strerror(code))) }
    return addresses
  }

  /// Returns the distinct lines that a function writes.
  private static func lines(_ write: (inout [CChar], UInt32) -> Int32) -> [String] {
    var text = [CChar](repeating: 0, count: mostBytes)
    _ = write(&text, UInt32(mostBytes))
    let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    var seen: Set<String> = []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      .filter { seen.insert($0).inserted }
  }
}

/// The reason for which a host name has no address.
struct ResolutionError: Error {
  /// The reason in the words of the operating system.
  let text: String
}
