import type { Component } from "svelte";

import type { Form } from "../world/types";
import Choice from "./Choice.svelte";
import type { FormProps } from "./form";
import FunctionForm from "./FunctionForm.svelte";
import Move from "./Move.svelte";
import Normalisation from "./Normalisation.svelte";
import Product from "./Product.svelte";
import Softmax from "./Softmax.svelte";
import Sum from "./Sum.svelte";
import SumOfProducts from "./SumOfProducts.svelte";

/** What stands beside a number's name, form by form. */
export const FORM_WORDS: Readonly<Record<Form, string>> = {
  "sum-of-products": "forms.kind-sum-of-products",
  sum: "forms.kind-sum",
  choice: "forms.kind-choice",
  function: "forms.kind-function",
  product: "forms.kind-product",
  normalisation: "forms.kind-normalisation",
  softmax: "forms.kind-softmax",
  move: "forms.kind-move",
};

/** How a number is explained, form by form. */
export const FORM_VIEWS: Readonly<Record<Form, Component<FormProps>>> = {
  "sum-of-products": SumOfProducts,
  sum: Sum,
  choice: Choice,
  function: FunctionForm,
  product: Product,
  normalisation: Normalisation,
  softmax: Softmax,
  move: Move,
};
