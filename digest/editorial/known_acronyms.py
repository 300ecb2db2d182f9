"""Acronyms that abstracts of the field use without a word of explanation, and what they stand for.

Most stand for one thing in all abstracts that have them. Those that stand for several ("SSL", "ASR") are
said in full only where a word of the title or the abstract tells which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["KNOWN_ACRONYMS", "meanings"]


class Meaning(NamedTuple):
    """A long form in the singular, and a beginning of a word that tells it is meant (``""``: always)."""

    long: str
    told_by: str = ""


def _table(lines: str) -> Iterator[tuple[str, Meaning]]:
    for line in lines.strip().splitlines():
        short, _, rest = line.strip().partition(" = ")
        long, _, told_by = rest.partition(" | ")
        yield short, Meaning(long, told_by)


KNOWN_ACRONYMS: tuple[tuple[str, Meaning], ...] = tuple(
    _table(
        """
        ANN = approximate nearest neighbor | nearest
        ANN = artificial neural network | artificial
        AR = autoregressive | autoregress
        ASR = attack success rate | attack
        ASR = automatic speech recognition | speech
        AutoML = automated machine learning
        BCI = brain-computer interface
        BEV = bird's-eye view
        BNN = Bayesian neural network | bayes
        BNN = binary neural network | binar
        BP = backpropagation | backprop
        CAM = class activation map | activation
        CFD = computational fluid dynamics
        CFG = classifier-free guidance | guidance
        CIL = class-incremental learning | incremental
        CL = continual learning | continual
        CL = contrastive learning | contrastive
        CNN = convolutional neural network
        CoT = chain of thought | thought
        CTR = click-through rate | click
        DAG = directed acyclic graph
        DCT = discrete cosine transform | cosin
        DCT = discrete cosine transform | spectral
        DDPM = denoising diffusion probabilistic model | diffusion
        DFT = density functional theory | density
        DFT = discrete Fourier transform | fourier
        DiT = diffusion transformer | diffusion
        DL = deep learning
        DNN = deep neural network
        DP = differential privacy | privacy
        DPO = direct preference optimization
        DRL = deep reinforcement learning | reinforcement
        EHR = electronic health record | health
        EM = expectation maximization | expectation
        ERM = empirical risk minimization | risk
        FFT = fast Fourier transform
        FL = federated learning | federat
        FPGA = field-programmable gate array
        FSL = few-shot learning | few-shot
        GAN = generative adversarial network
        GBDT = gradient-boosted decision tree
        GCN = graph convolutional network | graph
        GD = gradient descent | gradient
        GNN = graph neural network
        GP = Gaussian process | gaussian
        GRPO = group relative policy optimization
        GRU = gated recurrent unit
        GUI = graphical user interface
        HDR = high dynamic range
        HPC = high-performance computing
        HPO = hyperparameter optimization | hyper
        HSI = hyperspectral image | hyperspectral
        ICL = in-context learning | context
        ILP = integer linear program | integer
        IMU = inertial measurement unit
        IR = information retrieval | retriev
        KD = knowledge distillation | distill
        KG = knowledge graph | graph
        KGE = knowledge graph embedding | graph
        ICA = independent component analysis
        LDM = latent diffusion model | diffusion
        LMM = large multimodal model
        LRM = large reasoning model | reasoning
        LSTM = long short-term memory
        LTL = linear temporal logic | logic
        LVLM = large vision-language model
        MARL = multi-agent reinforcement learning
        MAS = multi-agent system | agent
        MCMC = Markov chain Monte Carlo
        MCTS = Monte Carlo tree search
        MDP = Markov decision process
        MIL = multiple instance learning | instance
        MLLM = multimodal large language model
        MLP = multilayer perceptron
        MoE = mixture of experts | expert
        MPC = model predictive control | control
        MSE = mean squared error
        MTL = multi-task learning | task
        MTP = multi-token prediction | token
        NAS = neural architecture search | architect
        NAT = non-autoregressive transformer | autoregress
        NER = named entity recognition | entit
        NeRF = neural radiance field
        NLI = natural language inference
        NMT = neural machine translation | translat
        NTK = neural tangent kernel | kernel
        NVS = novel view synthesis | view
        OCL = online continual learning | continual
        ODE = ordinary differential equation
        OOD = out-of-distribution
        OPD = on-policy distillation | on-policy
        PCA = principal component analysis
        PDE = partial differential equation
        PEFT = parameter-efficient fine-tuning
        PINN = physics-informed neural network
        POMDP = partially observable Markov decision process
        PPO = proximal policy optimization
        PRM = process reward model | reward
        PTQ = post-training quantization | quanti
        QA = question answering | question
        QAT = quantization-aware training | quanti
        RAG = retrieval-augmented generation
        RBF = radial basis function
        RL = reinforcement learning | policy
        RL = reinforcement learning | reinforcement
        RL = reinforcement learning | reward
        RLHF = reinforcement learning from human feedback
        RLVR = reinforcement learning with verifiable rewards
        RM = reward model | reward
        RMSE = root-mean-square error
        RNN = recurrent neural network
        ROI = region of interest
        SAE = sparse autoencoder | autoencoder
        SAR = synthetic aperture radar | radar
        SCM = structural causal model | causal
        SDE = stochastic differential equation
        SDF = signed distance function | distance
        SFT = supervised fine-tuning
        SGD = stochastic gradient descent
        SLAM = simultaneous localization and mapping
        SLM = small language model | language
        SNN = spiking neural network | spik
        SNR = signal-to-noise ratio
        SSL = self-supervised learning | self-supervis
        SSL = semi-supervised learning | semi-supervis
        SSM = state space model | state
        SVD = singular value decomposition
        SVM = support vector machine
        T2I = text-to-image
        T2V = text-to-video
        TTA = test-time adaptation | test-time
        TTS = test-time scaling | test-time
        TTS = text-to-speech | speech
        TTT = test-time training | test-time
        UDA = unsupervised domain adaptation | domain
        VAE = variational autoencoder
        ViT = vision transformer
        VLA = vision-language-action
        VLM = vision-language model
        VLN = vision-and-language navigation
        VQA = visual question answering
        VSR = video super-resolution | super-resol
        WER = word error rate
        WM = world model | world model
        WSI = whole slide image | slide
        XAI = explainable AI
        ZSL = zero-shot learning | zero-shot
        """
    )
)


_BY_SHORT: dict[str, list[Meaning]] = {}
for _short, _meaning in KNOWN_ACRONYMS:
    _BY_SHORT.setdefault(_short, []).append(_meaning)

_LIKE_ONE = re.compile(r"(?<![\w/-])([A-Z][A-Za-z0-9]{1,5}?)s?(?![\w/])")


def meanings(said: str, about: str) -> dict[str, str]:
    """The long forms of the known acronyms in ``said``, of a paper with the title and abstract ``about``.

    One that may stand for several things of which ``about`` speaks is left out.
    """
    lower = ""
    found: dict[str, str] = {}
    for short in dict.fromkeys(_LIKE_ONE.findall(said)):
        if short not in _BY_SHORT:
            continue
        lower = lower or about.lower()
        longs = {
            meaning.long
            for meaning in _BY_SHORT[short]
            if not meaning.told_by or meaning.told_by in lower
        }
        if len(longs) == 1:
            found[short] = longs.pop()
    return found
