/// Returns the quantile of N(0, 1) for a probability 0 < p < 1, with a relative accuracy of about
/// 1e-16.
///
/// Algorithm AS 241 (PPND16): M. J. Wichura, "The percentage points of the normal distribution",
/// Applied Statistics 37 (1988). It uses only basic arithmetic and square roots, so the result is
/// the same to the bit on every machine.
package func inverseNormal(_ p: Double) -> Double {
  let q = p - 0.5
  if q.magnitude <= 0.425 { return q * central(0.180625 - q * q) }
  let r = (-naturalLog(q < 0 ? p : 1 - p)).squareRoot()
  let z = r <= 5 ? intermediate(r - 1.6) : tail(r - 5)
  return q < 0 ? -z : z
}

/// Returns a quotient of polynomials, evaluated by Horner's rule; the highest coefficients come
/// first.
private func quotient(_ r: Double, _ numerator: [Double], _ denominator: [Double]) -> Double {
  numerator.reduce(0) { $0 * r + $1 } / denominator.reduce(0) { $0 * r + $1 }
}

private func central(_ r: Double) -> Double {
  quotient(
    r,
    [
      2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
      13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
    ],
    [
      5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
      5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1,
    ])
}

private func intermediate(_ r: Double) -> Double {
  quotient(
    r,
    [
      7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
      1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
      4.6303378461565452959, 1.42343711074968357734,
    ],
    [
      1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
      0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
      2.05319162663775882187, 1,
    ])
}

private func tail(_ r: Double) -> Double {
  quotient(
    r,
    [
      2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
      0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
      5.4637849111641143699, 6.6579046435011037772,
    ],
    [
      2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
      7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
      0.59983220655588793769, 1,
    ])
}

/// Returns the natural logarithm of a positive normal number, within 1 ulp, using only basic
/// arithmetic.
///
/// x = 2ⁿ(1 + f) with 1 + f in [√½, √2); log(1 + f) = f − f²/2 + s(f²/2 + R) with s = f / (2 + f),
/// after FreeBSD's msun (e_log.c, Copyright 1993 Sun Microsystems).
func naturalLog(_ x: Double) -> Double {
  var (exponent, fraction) = (Double(x.exponent), x.significand)
  if fraction > 1.4142135623730951 { (exponent, fraction) = (exponent + 1, fraction / 2) }
  let f = fraction - 1
  let s = f / (2 + f)
  let series = [
    1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01,
    2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01,
    6.666666666666735130e-01, 0,
  ]
  let r = series.reduce(0) { $0 * (s * s) + $1 }
  let half = 0.5 * f * f
  let low = 1.90821492927058770002e-10
  let high = 6.93147180369123816490e-01
  return exponent * high - ((half - (s * (half + r) + exponent * low)) - f)
}
