//! Small dense symmetric matrices: what the coefficients of a scale need, and no more.
//!
//! A scale has tens of items, so plain cubic routines are fast enough and their rounding is easy to
//! argue: Cholesky for inverses and determinants, Jacobi rotations for eigenvalues.
#![allow(clippy::indexing_slicing)]
// Every index here is `row * size + column` with both below `size`, over a vector that each
// constructor makes `size * size` long and that nothing resizes.

/// A real symmetric matrix, stored whole.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Symmetric {
    size: usize,
    cells: Vec<f64>,
}

/// A lower triangular factor `L` with `L L' = S`, stored whole with zeros above the diagonal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lower {
    size: usize,
    cells: Vec<f64>,
}

/// Eigenvalues in falling order; vector `m` has the components `component(i, m)`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Eigen {
    pub(crate) values: Vec<f64>,
    /// Row-major: row = coordinate, column = eigenvector.
    vectors: Vec<f64>,
}

impl Symmetric {
    /// The matrix whose lower triangle is `cell(row, column)`, mirrored.
    pub(crate) fn from_lower(size: usize, mut cell: impl FnMut(usize, usize) -> f64) -> Self {
        let mut cells = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let value = cell(row, column);
                cells[row * size + column] = value;
                cells[column * size + row] = value;
            }
        }
        Self { size, cells }
    }

    pub(crate) const fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.size + column]
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.size..(row + 1) * self.size]
    }

    pub(crate) fn diagonal(&self) -> Vec<f64> {
        (0..self.size).map(|i| self.at(i, i)).collect()
    }

    pub(crate) fn row_sums(&self) -> Vec<f64> {
        (0..self.size).map(|i| self.row(i).iter().sum()).collect()
    }

    pub(crate) fn sum(&self) -> f64 {
        self.row_sums().iter().sum()
    }

    /// Scaled to a unit diagonal; `None` if a diagonal cell is not positive.
    pub(crate) fn to_correlation(&self) -> Option<Self> {
        let scale: Vec<f64> = self.diagonal().iter().map(|v| v.sqrt()).collect();
        if scale.iter().any(|s| s.is_nan() || *s <= 0.0) {
            return None;
        }
        Some(Self::from_lower(self.size, |i, j| {
            if i == j { 1.0 } else { self.at(i, j) / (scale[i] * scale[j]) }
        }))
    }

    /// The Cholesky factor; `None` unless the matrix is positive definite beyond rounding.
    pub(crate) fn cholesky(&self) -> Option<Lower> {
        let size = self.size;
        let mut cells = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let mut rest = self.at(row, column);
                for k in 0..column {
                    rest -= cells[row * size + k] * cells[column * size + k];
                }
                cells[row * size + column] = if row == column {
                    // A pivot that is all rounding means a linear dependency between the columns.
                    if rest.is_nan() || rest <= 1e-12 * self.at(row, row) {
                        return None;
                    }
                    rest.sqrt()
                } else {
                    rest / cells[column * size + column]
                };
            }
        }
        Some(Lower { size, cells })
    }

    /// Eigenvalues and vectors by cyclic Jacobi rotations (Golub and Van Loan, Matrix
    /// Computations, 8.5), which find small eigenvalues as accurately as large ones.
    pub(crate) fn eigen(&self) -> Eigen {
        let size = self.size;
        let mut a = self.cells.clone();
        let mut v = vec![0.0; size * size];
        for i in 0..size {
            v[i * size + i] = 1.0;
        }
        // Convergence is quadratic: some eight sweeps do; the bound only keeps a loop finite.
        for _ in 0..60 {
            let mut off = 0.0;
            let mut on = 0.0;
            for i in 0..size {
                on += a[i * size + i] * a[i * size + i];
                for j in 0..i {
                    off += a[i * size + j] * a[i * size + j];
                }
            }
            if off.is_nan() || off <= 1e-32 * on {
                break;
            }
            for p in 0..size {
                for q in p + 1..size {
                    rotate(&mut a, &mut v, (size, p, q));
                }
            }
        }
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|x, y| a[y * size + y].total_cmp(&a[x * size + x]));
        let values = order.iter().map(|m| a[m * size + m]).collect();
        let mut vectors = vec![0.0; size * size];
        for row in 0..size {
            for (column, m) in order.iter().enumerate() {
                vectors[row * size + column] = v[row * size + m];
            }
        }
        Eigen { values, vectors }
    }
}

/// One Jacobi rotation that makes `a[p][q]` zero, applied to the vectors too.
fn rotate(a: &mut [f64], v: &mut [f64], (size, p, q): (usize, usize, usize)) {
    let apq = a[p * size + q];
    if apq == 0.0 {
        return;
    }
    let theta = (a[q * size + q] - a[p * size + p]) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for k in 0..size {
        let (akp, akq) = (a[k * size + p], a[k * size + q]);
        a[k * size + p] = c * akp - s * akq;
        a[k * size + q] = s * akp + c * akq;
    }
    for k in 0..size {
        let (apk, aqk) = (a[p * size + k], a[q * size + k]);
        a[p * size + k] = c * apk - s * aqk;
        a[q * size + k] = s * apk + c * aqk;
        let (vkp, vkq) = (v[k * size + p], v[k * size + q]);
        v[k * size + p] = c * vkp - s * vkq;
        v[k * size + q] = s * vkp + c * vkq;
    }
}

impl Eigen {
    /// Coordinate `row` of eigenvector `vector`.
    pub(crate) fn component(&self, row: usize, vector: usize) -> f64 {
        self.vectors[row * self.values.len() + vector]
    }
}

impl Lower {
    /// Row `row` up to and including the diagonal.
    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.size..=row * self.size + row]
    }

    /// The logarithm of the determinant of `L L'`.
    pub(crate) fn ln_determinant(&self) -> f64 {
        2.0 * (0..self.size).map(|i| self.cells[i * self.size + i].ln()).sum::<f64>()
    }

    /// The inverse of the factor, lower triangular again.
    pub(crate) fn inverse(&self) -> Self {
        let size = self.size;
        let mut cells = vec![0.0; size * size];
        for column in 0..size {
            cells[column * size + column] = 1.0 / self.cells[column * size + column];
            for row in column + 1..size {
                let mut rest = 0.0;
                for k in column..row {
                    rest -= self.cells[row * size + k] * cells[k * size + column];
                }
                cells[row * size + column] = rest / self.cells[row * size + row];
            }
        }
        Self { size, cells }
    }

    /// The diagonal of the inverse of `L L'`.
    pub(crate) fn inverse_diagonal(&self) -> Vec<f64> {
        let inverse = self.inverse();
        let square = |row: usize, column: usize| inverse.cells[row * self.size + column].powi(2);
        (0..self.size)
            .map(|column| (column..self.size).map(|row| square(row, column)).sum())
            .collect()
    }

    /// The solution `x` of `L L' x = right`.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.size;
        let mut x = right.to_vec();
        x.resize(size, 0.0);
        for row in 0..size {
            let done: f64 = (0..row).map(|k| self.cells[row * size + k] * x[k]).sum();
            x[row] = (x[row] - done) / self.cells[row * size + row];
        }
        for row in (0..size).rev() {
            let done: f64 = (row + 1..size).map(|k| self.cells[k * size + row] * x[k]).sum();
            x[row] = (x[row] - done) / self.cells[row * size + row];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A correlation-like matrix with known structure: 1 on the diagonal, `0.9^|i-j|` off it.
    fn decaying(size: usize) -> Symmetric {
        Symmetric::from_lower(size, |i, j| 0.9_f64.powi(i32::try_from(i - j).unwrap()))
    }

    #[test]
    fn eigenvectors_rebuild_the_matrix() {
        for size in [1, 2, 3, 9, 40] {
            let matrix = decaying(size);
            let eigen = matrix.eigen();
            assert!(eigen.values.is_sorted_by(|a, b| a >= b));
            for i in 0..size {
                for j in 0..size {
                    let rebuilt: f64 = (0..size)
                        .map(|m| eigen.values[m] * eigen.component(i, m) * eigen.component(j, m))
                        .sum();
                    assert!((rebuilt - matrix.at(i, j)).abs() < 1e-13, "{size} {i} {j}");
                }
            }
        }
    }

    #[test]
    fn equicorrelation_has_its_textbook_eigenvalues() {
        let eigen = Symmetric::from_lower(6, |i, j| if i == j { 1.0 } else { 0.4 }).eigen();
        assert!((eigen.values[0] - 3.0).abs() < 1e-14);
        assert!(eigen.values[1..].iter().all(|v| (v - 0.6).abs() < 1e-14));
    }

    #[test]
    fn solving_and_inverting_agree() {
        let matrix = decaying(7);
        let factor = matrix.cholesky().unwrap();
        // The inverse of this matrix is tridiagonal: 1/(1-r^2) at the ends, (1+r^2)/(1-r^2) inside.
        let diagonal = factor.inverse_diagonal();
        assert!((diagonal[0] - 1.0 / 0.19).abs() < 1e-12);
        assert!((diagonal[3] - 1.81 / 0.19).abs() < 1e-12);
        assert!((factor.ln_determinant() - 6.0 * 0.19_f64.ln()).abs() < 1e-12);
        let solution = factor.solve(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert!((solution[0] - 1.0 / 0.19).abs() < 1e-12);
        assert!((solution[1] + 0.9 / 0.19).abs() < 1e-12);
        assert!(solution[2..].iter().all(|x| x.abs() < 1e-12));
    }

    #[test]
    fn dependent_columns_have_no_factor() {
        let flat = Symmetric::from_lower(3, |_, _| 2.0);
        assert_eq!(flat.cholesky(), None);
        assert_eq!(Symmetric::from_lower(2, |_, _| 0.0).to_correlation(), None);
    }
}
