"""Samples of products of matrices and vectors."""

import torch

from recipe import G, T
from table import operation



def products(name, *samples, call=None):
    operation(name, call).cases_of(*samples)


products("matmul", (G((2, 3)), G((3, 4))), (G((3,)), G((3,))), (G((2, 3)), G((3,))), (G((3,)), G((3, 2))), (G((2, 2, 3)), G((2, 3, 2))), (G((2, 2, 3)), G((3, 2))), (G((2, 2, 3)), G((3,))), (G((3,)), G((2, 3, 2))),
         (G((2, 1, 2, 3)), G((3, 3, 2))), (G((2, 3)), G((2, 3, 2))), (G((3, 2), layout="T"), G((2, 4), layout="T")), (G((2, 3), layout="S"), G((3, 2), layout="S")), (G((2, 3), layout="E"), G((3, 2))), (G((2, 3, 4), layout="P"), G((4, 2))),
         (T((2, 3)), T((4, 2))), (T((2,)), T((3,))), (T(()), T((2,))), (T((2, 2, 3)), T((3, 3, 2))), (T((2, 3)), T((3, 2), "float64")), (T((2, 3), "int64"), T((3, 2), "int64")), (T((2, 3), "bool"), T((3, 2), "bool")), (T((0, 3)), T((3, 2))),
         (T((2, 0)), T((0, 2))), (G((2, 3), dtype="float64"), G((3, 4), dtype="float64")), (T((2, 0, 3)), T((3, 2))), (G((5, 40), "unit"), G((40, 7), "unit")), (T((3,), kind="special"), T((3,))), (T((2, 3), "uint8"), T((3, 2), "uint8")),
         (T((2,), "int64"), T((2,), "int64")), (T((2, 3), "int32", layout="T"), T((3, 2), "int32")))
products("mm", (G((2, 3)), G((3, 4))), (G((3, 2), layout="T"), G((2, 4))), (T((2, 3, 4)), T((4, 2))), (T((2, 3)), T((2, 3))), (T((3,)), T((3, 2))), (T((2, 2), "int64"), T((2, 2), "int64")), (T((0, 2)), T((2, 3))), (T((2, 2)), T((2, 2), "int64")))
products("bmm", (G((2, 2, 3)), G((2, 3, 2))), (G((2, 3, 2), layout="T"), G((2, 2, 2), layout="P")), (T((2, 2, 3)), T((1, 3, 2))), (T((2, 3)), T((3, 2))), (T((2, 2, 3)), T((2, 2, 3))), (T((0, 2, 3)), T((0, 3, 2))))
products("mv", (G((2, 3)), G((3,))), (G((2, 3), layout="T"), G((3,), layout="S")), (T((2, 3)), T((2,))), (T((3,)), T((3,))), (T((2, 3)), T((3, 1))))
products("dot", (G((3,)), G((3,))), (G((3,), layout="S"), G((3,))), (T((3,)), T((2,))), (T((2, 2)), T((2, 2))), (T((3,), "int64"), T((3,), "int64")), (T((0,)), T((0,))), (T((2,)), T((2,), "float64")), (T((3,), "bool"), T((3,), "bool")))
products("vdot", (G((3,)), G((3,))), (T((3,)), T((2,))))
products("inner", (G((3,)), G((3,))), (G((2, 3)), G((4, 3))), (G(()), G((3,))), (G((2, 3)), G((3,))), (T((2, 3)), T((2, 2))))
products("outer", (G((2,)), G((3,))), (G((2,), layout="S"), G((3,))), (T((2, 2)), T((3,))), (T((2,), "int64"), T((3,))), (T((0,)), T((3,))))
for name, a, b in (("addmm", (2, 3), (3, 4)), ("baddbmm", (2, 2, 3), (2, 3, 4))):
    op = operation(name)
    batch = () if name == "addmm" else (2,)
    op.cases_of((G((*batch, 2, 4)), G(a), G(b)), (G((4,)), G(a), G(b)), (G((2, 1)), G(a), G(b)), (G(()), G(a), G(b)), (T((3, 4)), T(a), T(b)), (T((*batch, 2, 4)), T(a), T((*batch, 2, 4))), (T((4,), "float64"), T(a), T(b)), (T((4,), "int64"), T(a, "int64"), T(b, "int64")))
    op.case(G((*batch, 2, 4)), G(a), G(b), beta=0.5, alpha=2).case(G((4,)), G(a), G(b), alpha=-1)
    # PyTorch's baddbmm reads memory that was never written then.
    if name == "addmm":
        op.case(T((2, 4), kind="special"), T(a), T(b), beta=0)
products("addmv", (G((2,)), G((2, 3)), G((3,))), (T((3,)), T((2, 3)), T((3,))))
operation("addmv").case(G((2,)), G((2, 3)), G((3,)), beta=0.5, alpha=2)
products("addbmm", (G((2, 4)), G((2, 2, 3)), G((2, 3, 4))), (G((4,)), G((2, 2, 3)), G((2, 3, 4))))
products("addr", (G((2, 3)), G((2,)), G((3,))), (G((3,)), G((2,)), G((3,))))
operation("addr").case(G((2, 3)), G((2,)), G((3,)), beta=0.5, alpha=2)
products("kron", (G((2, 3)), G((2, 2))), (G((2,)), G((3,))), (G((2, 2)), G((3,))), (G(()), G((2,))))
products("cross", (G((3,)), G((3,)), 0), (G((2, 3)), G((2, 3)), 1), (G((3, 2)), G((3, 2)), 0), (G((2, 3)), G((3,)), -1), (T((2, 2)), T((2, 2)), 1), call=lambda a, b, dim=-1: torch.linalg.cross(a, b, dim=dim))
products("tensordot", (G((2, 3, 4)), G((3, 4, 2)), 2), (G((2, 3)), G((3, 4)), 1), (G((2, 3)), G((4,)), 0), (G((2, 3, 4)), G((4, 2)), [[0, 2], [1, 0]]), (T((2, 3)), T((2, 3)), 1), call=lambda a, b, dims: torch.tensordot(a, b, dims))
products("linear", (G((2, 3)), G((4, 3))), (G((2, 3)), G((4, 3)), G((4,))), (G((3,)), G((4, 3)), G((4,))), (G((2, 2, 3)), G((4, 3)), G((4,))), (G((2, 2, 3)), G((4, 3))), (G((2, 3), layout="T"), G((4, 3), layout="T"), G((4,))),
         (T((2, 3)), T((4, 2))), (T((2, 3)), T((4, 3)), T((3,))), (T((0, 3)), T((4, 3)), T((4,))), (T((2, 3)), T((4, 3), "float64")), (T((2, 3), "int64"), T((4, 3), "int64")), (G((2, 3), dtype="float64"), G((4, 3), dtype="float64"), G((4,), dtype="float64")))

op = operation("einsum", lambda equation, tensors: torch.einsum(equation, *tensors))
for equation, *shapes in (
        ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ij->ji", (2, 3)), ("ij->", (2, 3)), ("ij->i", (2, 3)), ("ii->i", (3, 3)), ("ii", (3, 3)), ("ii->", (3, 3)), ("i,i->", (3,), (3,)), ("i,j->ij", (2,), (3,)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
        ("...ij,...jk->...ik", (2, 2, 3), (3, 2)), ("...ij->...ji", (2, 3, 4)), ("...,...->...", (2, 3), (3,)), ("i...->...", (2, 3)), ("ij,jk,kl->il", (2, 3), (3, 2), (2, 4)), ("bhqd,bhkd->bhqk", (2, 2, 3, 2), (2, 2, 3, 2)), ("ij,ij->ij", (2, 3), (2, 3)),
        ("ij,kj->ik", (2, 3), (4, 3)), ("ba,ab", (2, 3), (3, 2)), ("ijk->kij", (2, 3, 4)), ("iij->j", (2, 2, 3)), ("ij,ik->ijk", (2, 3), (2, 4)), ("a,b,c->abc", (2,), (3,), (2,)), ("i->", (0,)), (" i j , j k -> i k ", (2, 3), (3, 2)), ("Ab,bC->AC", (2, 3), (3, 2)),
        ("ij,jk->k", (2, 3), (3, 4)), ("ij->jj", (2, 3)), ("ij->k", (2, 3)), ("ij,jk->ik", (2, 3), (2, 3)), ("ij", (2,)), ("i,j", (2,)), ("ii->i", (2, 3)), ("i.j->i", (2, 3)), ("ij->ij->i", (2, 3)), ("...i,...i", (2, 3), (2, 3)), ("i,->i", (3,), ()), (",->", (), ()), ("ij,ij->", (1, 3), (2, 3)),
        ("bn,anm,bm->ba", (2, 3), (4, 3, 2), (2, 2)), ("...", (2, 3)), ("i1", (2, 3)), ("ijij->ij", (2, 3, 2, 3))):
    op.case(equation, [G(shape) for shape in shapes])
op.case("ij,jk->ik", [G((2, 3), layout="T"), G((3, 4), layout="T")]).case("ij,jk->ik", [T((2, 3), "int64"), T((3, 2), "int64")]).case("bij,bjk->bik", [G((2, 2, 3), dtype="float64"), G((2, 3, 2), dtype="float64")])
